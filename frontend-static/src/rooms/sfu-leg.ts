/** One connection to the media server. A lost connection is replaced until the leg is closed. */
import type { PeerState } from '../calls/peer';

export interface LegOptions {
  iceServers: RTCIceServer[];
  /**
   * Adds lines to the connection and negotiates them with the server; returns a function that ends the session there.
   */
  negotiate: (connection: RTCPeerConnection, signal: AbortSignal) => Promise<() => void>;
  onState: (state: PeerState) => void;
}

/** A broken path often recovers by itself. */
const HEALS_MS = 3000;
const AGAIN_MS = 500;
/** The first candidates come within some milliseconds; the server discovers later ones by connectivity checks. */
const ADDRESSES_MS = 300;

export class Leg {
  connection: RTCPeerConnection | null = null;
  private current = new AbortController();
  private isOver = false;

  constructor(private readonly options: LegOptions) {
    void this.run();
  }

  /** Reconnects, because the media have to be negotiated again. */
  restart(): void {
    this.current.abort();
  }

  close(): void {
    this.isOver = true;
    this.current.abort();
  }

  private async run(): Promise<void> {
    this.options.onState('connecting');
    while (!this.isOver) {
      this.current = new AbortController();
      const isWanted = await this.live(this.current.signal);
      if (this.isOver) return;
      this.options.onState('reconnecting');
      if (!isWanted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** Waits until the connection is lost or `signal` ends it; returns which. */
  private async live(signal: AbortSignal): Promise<boolean> {
    const { iceServers, negotiate, onState } = this.options;
    const connection = new RTCPeerConnection({ iceServers });
    this.connection = connection;
    let end = (): void => undefined;
    try {
      const lost = until(connection, signal, () => onState('connected'));
      end = await negotiate(connection, signal);
      await lost;
    } catch (error) {
      if (!signal.aborted) console.warn('media server', error);
    } finally {
      connection.close();
      end();
    }
    return signal.aborted;
  }
}

function until(connection: RTCPeerConnection, signal: AbortSignal, onStands: () => void): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = (): void => {
      clearTimeout(timer);
      const state = connection.connectionState;
      if (state === 'connected') {
        onStands();
        // The server hangs up by DTLS, which the connection itself reports late or never (W3C webrtc-pc, 5.5).
        const transport = [...connection.getReceivers(), ...connection.getSenders()][0]?.transport;
        transport?.addEventListener('statechange', () => transport.state === 'closed' && resolve());
      } else if (state === 'failed' || state === 'closed') resolve();
      else if (state === 'disconnected') timer = setTimeout(resolve, HEALS_MS);
    };
    connection.addEventListener('connectionstatechange', follow);
    signal.addEventListener('abort', () => resolve());
  });
}

/** The local description, with the first candidates. */
export async function described(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription();
  if (connection.iceGatheringState !== 'complete')
    await new Promise<void>((resolve) => {
      setTimeout(resolve, ADDRESSES_MS);
      connection.addEventListener(
        'icegatheringstatechange',
        () => connection.iceGatheringState === 'complete' && resolve(),
      );
    });
  return connection.localDescription!.sdp;
}
