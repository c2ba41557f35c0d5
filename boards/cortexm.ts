// What RIOT's Cortex-M boards have in common (RIOT cpu/cortexm_common).
import type { Board, BoardRadio, BoardUart, Figure, RadioDriver } from './board.ts';
import { fact, seen } from './figures.ts';

const CPU_CONF = 'cpu/cortexm_common/include/cpu_conf_common.h';

/** Stack sizes of all Cortex-M CPUs. */
export const CORTEXM_STACKS: Readonly<Record<string, Figure>> = {
  THREAD_STACKSIZE_DEFAULT: seen(1024, 'B', CPU_CONF),
  THREAD_STACKSIZE_IDLE: seen(256, 'B', CPU_CONF),
  THREAD_EXTRA_STACKSIZE_PRINTF: seen(512, 'B', CPU_CONF),
  ISR_STACKSIZE: seen(512, 'B', CPU_CONF),
};

/**
 * STDIO_UART_BAUDRATE of sys/include/stdio_uart.h: ten bits a byte make 86.8 µs. Its writers wait: stdio_uart sends
 * each byte before it takes the next.
 */
export const STDIO_UART: BoardUart = { baud: 115200, byteTime: 87, blocking: true };

/**
 * A radio at 250 kbit/s (IEEE 802.15.4, O-QPSK at 2.4 GHz). Modelled: each frame is received as strong and as good as
 * native receives it; no path loss is known.
 */
export const oqpsk = (driver: RadioDriver): BoardRadio => ({ driver, byteTime: 32, txLead: 0, lqi: 255, rssi: -28 });

/** What a Cortex-M board prints and has without being asked. */
export const CORTEXM: Pick<Board, 'idleThread' | 'startText' | 'rebootText' | 'offText' | 'modules' | 'config'> = {
  // cpu/cortexm_common/Makefile.features: no_idle_thread, which Makefile.dep takes in wherever a CPU has it.
  idleThread: false,
  // Nothing before main(); reset and power-off print nothing either (cpu/cortexm_common).
  startText: '',
  rebootText: '',
  offText: '',
  // Makefile.dep takes periph_pm in wherever the CPU has it.
  modules: ['periph_pm'],
  config: {
    // 32-bit pointers: net/gnrc rounds packet buffer sizes by it.
    SIZEOF_POINTER: 4,
  },
};

/** Where the address comes from on a board without one of its own. */
export const EUI64_LUID = fact('luid: a hash of the CPU\'s id, local bit set, group bit clear, ' +
  'byte 6 ^= netdev type, byte 7 ^= index', 'sys/net/netif, sys/luid');
