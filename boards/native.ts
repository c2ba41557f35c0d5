// RIOT's board native64: RIOT as a 64-bit Linux process, its 802.15.4 radio made of UDP packets
// (RIOT boards/native64, cpu/native). CPU time costs nothing here.
import type { Board } from './board.ts';

export const native: Board = {
  name: 'native',
  cpu: 'native',
  stacks: {
    // cpu/native/include/cpu_conf.h, 64 bit. The ps table of a node shows them.
    THREAD_STACKSIZE_DEFAULT: 16384,
    THREAD_STACKSIZE_IDLE: 16384,
    ISR_STACKSIZE: 16384,
    // core/include/thread.h: DEFAULT + THREAD_EXTRA_STACKSIZE_PRINTF (4096 in cpu_conf.h).
    THREAD_STACKSIZE_MAIN: 20480,
    // core/include/thread.h: MEDIUM is DEFAULT, SMALL half of it, LARGE twice.
    THREAD_STACKSIZE_SMALL: 8192,
    THREAD_STACKSIZE_LARGE: 32768,
  },
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
  uart: { baud: 115200, byteTime: 87 },
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
