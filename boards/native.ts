// RIOT's board native64: RIOT as a 64-bit Linux process, its 802.15.4 radio made of UDP packets
// (RIOT boards/native64, cpu/native). CPU time costs nothing here.
import type { Board } from './board.ts';
import { fact, seen, stacksOf, unknown } from './figures.ts';

const CPU_CONF = 'cpu/native/include/cpu_conf.h, 64 bit; the ps table of a node shows it';

const figures = {
  THREAD_STACKSIZE_DEFAULT: seen(16384, 'B', CPU_CONF),
  THREAD_STACKSIZE_IDLE: seen(16384, 'B', CPU_CONF),
  THREAD_EXTRA_STACKSIZE_PRINTF: seen(4096, 'B', CPU_CONF),
  ISR_STACKSIZE: seen(16384, 'B', CPU_CONF),
  rx_ma: unknown('mA', 'a process has no radio'),
  tx_0dbm_ma: unknown('mA', 'a process has no radio'),
  mcu_active_ua_per_mhz: unknown('uA/MHz', 'a process has no supply of its own'),
};

export const native: Board = {
  name: 'native',
  riotName: 'native64',
  cpu: 'native',
  core: 'host',
  figures,
  facts: {
    mcu: fact('a process of the host, 64 bit', 'cpu/native'),
    radio: fact('socket_zep: IEEE 802.15.4 frames in UDP packets (ZEP)', 'cpu/native/socket_zep'),
    eui64: fact('command line (native_cli_eui_provider), else luid', 'cpu/native'),
    hwrng: fact('the host\'s', 'cpu/native'),
  },
  stacks: stacksOf('native', figures),
  statics: [],
  // cpu/native has no feature no_idle_thread.
  idleThread: true,
  radio: {
    // cpu/native/socket_zep: a frame's air time is 2 symbols of 16 µs a byte, less the 200 µs that
    // a host is expected to lose. Nothing collides, and there is no preamble or PHY header.
    driver: 'socket_zep',
    byteTime: 32,
    txLead: 200,
    // dist/tools/zep_dispatch in its flat topology leaves the quality at 255. That is 148 in the
    // driver's table, less 2, less the 174 by which sys/include/net/ieee802154/radio.h shifts dBm.
    lqi: 255,
    rssi: -28,
  },
  // Modelled: a process reads its terminal at once. 115200 Bd is what real boards have
  // (STDIO_UART_BAUDRATE); ten bits a byte make 86.8 µs.
  uart: { baud: 115200, byteTime: 87, blocking: false },
  // cpu/native/irq.c, boards/common/native/board_init.c, cpu/native/startup.c, in this order.
  startText: 'RIOT native interrupts/signals initialized.\n' +
    'TZ not set, setting UTC\n' +
    'RIOT native64 board initialized.\n' +
    'RIOT native hardware initialization complete.\n\n',
  // cpu/native/periph/pm.c; SIGUSR1, native's reset button, takes the same way.
  rebootText: '\n\n\t\t!! REBOOT !!\n\n',
  offText: '\nnative: exiting\n',
  // Makefile.dep takes periph_pm in wherever the CPU has it; cpu/native/Makefile.features says so.
  modules: ['periph_pm'],
  config: {
    // 64-bit pointers: net/gnrc rounds packet buffer sizes by it.
    SIZEOF_POINTER: 8,
    // boards/common/native/include/board.h: a timer with less to go fires that late.
    CONFIG_ZTIMER_USEC_MIN: 64,
    // sys/include/shell.h: the end of the shell ends the process.
    CONFIG_SHELL_SHUTDOWN_ON_EXIT: 1,
  },
};
