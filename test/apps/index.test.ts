import test from 'ava';
import { apps } from '../../apps/index.ts';

test('the apps are listed by RIOT\'s names, with underscores', (t) => {
  // What a scenario may write for `app`, once its hyphens are underscores.
  t.deepEqual(Object.keys(apps),
    ['default', 'dtls_sock', 'gcoap_dtls', 'gnrc_border_router', 'gnrc_minimal', 'gnrc_networking', 'hello_world', 'ipc_pingpong',
      'sock_dtls_echo', 'sock_dtls_echo_client', 'sock_udp_echo', 'timer_periodic_wakeup', 'tinydtls_sock_async']);
  for (const [name, app] of Object.entries(apps)) t.is(app.name.replaceAll('-', '_'), name);
});
