// The boards of a live run as stations of an air that they share with real processes.
import { eui64_from_str } from '../../net/wire/addr.ts';
import type { Air, Station } from './air.ts';
import { Antenna } from './antenna.ts';
import type { LiveBoard, ToLive } from './protocol.ts';
import type { Topology } from './topology.ts';

/** One board. */
class BoardStation extends Antenna implements Station {
  readonly emulated = true;
  readonly name: string;

  constructor(name: string, send: (message: ToLive) => undefined) {
    super(name, send);
    this.name = name;
  }
}

export class BoardStations {
  private readonly air: Air;
  private readonly stations = new Map<string, Station>();

  /**
   * Puts boards on the air, each in its place; what they hear of each other is told to the run.
   * @param send takes messages to the run
   * @throws RangeError for a board that finds no place in the topology; names it
   */
  constructor(air: Air, topology: Topology | null, boards: readonly LiveBoard[], send: (message: ToLive) => undefined) {
    this.air = air;
    const places = new Map<string, string>();
    for (const { name, eui64 } of boards) {
      const station = new BoardStation(name, send);
      this.stations.set(name, station);
      air.join(station);
      const place = air.identify(station, eui64_from_str(eui64)!);
      if (topology === null) continue;
      if (place === null) throw new RangeError(`the topology has no place for board ${name} (${eui64})`);
      places.set(name, place);
    }
    if (topology !== null) linkBoards(topology, places, send);
  }

  /** A board has sent a frame: real processes hear it. */
  sent(name: string, frame: Uint8Array, channel: number, lqi: number): undefined {
    const station = this.stations.get(name);
    if (station !== undefined) this.air.send(station, frame, channel, lqi);
  }
}

/** The links among the boards themselves, as the topology has them. */
function linkBoards(
  topology: Topology, places: ReadonlyMap<string, string>, send: (message: ToLive) => undefined,
): undefined {
  const weights = new Map(topology.links.map(({ from, to, weight }) => [`${from} ${to}`, weight]));
  for (const [from, fromPlace] of places) {
    for (const [to, toPlace] of places) {
      if (from === to) continue;
      const weight = weights.get(`${fromPlace} ${toPlace}`) ?? 0;
      send({ type: 'op', op: { type: 'link', from, to, up: weight > 0, loss: 1 - weight } });
    }
  }
}
