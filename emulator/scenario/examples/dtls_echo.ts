// Two boards run RIOT's dtls-sock example: one serves, the other sends it a line over DTLS and gets it back.
import { scenario, seconds } from 'riotbed';

export default scenario({
  nodes: {
    server: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0a' },
    client: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0b' },
  },
}, (sim) => {
  const { server, client } = sim.nodes;
  server.type('dtlss start');
  sim.runFor(seconds(1));
  client.type(`dtlsc ${server.linkLocal} hello`);
  client.expect(/Received 5 bytes: "hello"/, { within: seconds(5) });
  client.expect('Terminating');
  // The server looks at its stop flag when its receive call has waited for 10 s.
  server.type('dtlss stop');
  server.expect('Success: DTLS server stopped', { within: seconds(15) });
});
