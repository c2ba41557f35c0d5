// Two boards ping one another with more and more data: from one frame each way to trains of fragments.
import { scenario, seconds } from 'riotbed';

export default scenario({
  nodes: {
    a: { board: 'native', app: 'gnrc_networking', eui64: '02:00:00:00:00:00:00:0a' },
    b: { board: 'native', app: 'gnrc_networking', eui64: '02:00:00:00:00:00:00:0b' },
  },
  // Bytes of data: from, to, and how many more each time.
  params: { from: 1, to: 1200, step: 109 },
}, (sim) => {
  const { a, b } = sim.nodes;
  const { from, to, step } = sim.params;
  for (let size = from; size <= to; size += step) {
    a.type(`ping -c 1 -s ${size} ${b.linkLocal}`);
    a.expect('1 packets transmitted, 1 packets received, 0% packet loss', { within: seconds(5) });
  }
});
