// The apps by RIOT's names, with underscores throughout.
import type { App } from '../kernel/app.ts';
import { app as default_ } from './default/main.ts';
import { app as dtls_sock } from './dtls_sock/main.ts';
import { app as gcoap_dtls } from './gcoap_dtls/main.ts';
import { app as gnrc_border_router } from './gnrc_border_router/main.ts';
import { app as gnrc_minimal } from './gnrc_minimal/main.ts';
import { app as gnrc_networking } from './gnrc_networking/main.ts';
import { app as hello_world } from './hello-world/main.ts';
import { app as ipc_pingpong } from './ipc_pingpong/main.ts';
import { app as sock_dtls_echo_client } from './sock_dtls_echo/client.ts';
import { app as sock_dtls_echo } from './sock_dtls_echo/main.ts';
import { app as sock_udp_echo } from './sock_udp_echo/main.ts';
import { app as timer_periodic_wakeup } from './timer_periodic_wakeup/main.ts';
import { app as tinydtls_sock_async } from './tinydtls_sock_async/main.ts';

export const apps: Readonly<Record<string, App>> = {
  default: default_, dtls_sock, gcoap_dtls, gnrc_border_router, gnrc_minimal, gnrc_networking, hello_world, ipc_pingpong,
  sock_dtls_echo, sock_dtls_echo_client, sock_udp_echo, timer_periodic_wakeup, tinydtls_sock_async,
};
