// The apps by RIOT's names.
import type { App } from '../kernel/app.ts';
import { app as dtls_sock } from './dtls_sock/main.ts';
import { app as sock_udp_echo } from './sock_udp_echo/main.ts';

export const apps: Readonly<Record<string, App>> = { dtls_sock, sock_udp_echo };
