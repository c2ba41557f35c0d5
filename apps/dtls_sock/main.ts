// RIOT's example dtls-sock: a DTLS client and a DTLS server at the shell, with pre-shared keys, or with raw public
// keys where CONFIG_DTLS_ECC is 1.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';
import { CREDENTIALS, type DtlsSockCredentials } from './credentials.ts';
import { dtlsc } from './dtls_client.ts';
import { dtlss } from './dtls_server.ts';

export { CREDENTIALS, type DtlsSockCredentials, type EcdsaKey, type PskCredential } from './credentials.ts';

/** The app with other credentials than RIOT's, as if its headers had been edited. */
export function dtls_sock(credentials: DtlsSockCredentials): App {
  return {
    name: 'dtls_sock',
    main: () => main(credentials),
    modules: [
      'netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'netutils', 'tinydtls', 'sock_dtls',
      'sock_dtls_verify_public_key', 'sock_udp', 'sock_util', 'prng_sha1prng', 'shell', 'shell_cmds_default',
    ],
    config: {
      // Two credentials for the client, up to two for the server.
      CONFIG_CREDMAN_MAX_CREDENTIALS: 4,
    },
    stacks: ({ THREAD_STACKSIZE_LARGE }) => ({ THREAD_STACKSIZE_MAIN: 2 * THREAD_STACKSIZE_LARGE }),
    // The server's stack, and what both commands remember; credentials are constants.
    ram: (figures) => figures['THREAD_STACKSIZE_MAIN']! + figures['THREAD_EXTRA_STACKSIZE_PRINTF']! + 4,
  };
}

export const app: App = dtls_sock(CREDENTIALS);

function* main(credentials: DtlsSockCredentials): Blocking<number> {
  puts('DTLS sock example application');
  puts('All up, running the shell now');
  // RIOT links an app's commands before those of its modules, so they stand first in `help`.
  const commands = [dtlsc(credentials), dtlss(credentials)];
  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  return yield* shell_run(commands, line_buf, line_buf.length);
}
