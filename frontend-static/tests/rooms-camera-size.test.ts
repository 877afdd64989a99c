import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraEncoding, limitCamera } from '../src/rooms/camera-size';
import { FakeTransceiver } from './fake-connection';

const CAMERA = { width: 960, height: 540 };
const camera = { kind: 'video', getSettings: () => CAMERA };

describe('the camera of a group call', () => {
  it('is sent smaller, slower and with fewer bits the more people there are', () => {
    const sizes = [2, 3, 4, 5, 7, 12].map((people) => cameraEncoding(people, CAMERA));
    expect(sizes.map((one) => CAMERA.height / one.scaleResolutionDownBy)).toEqual([540, 360, 360, 240, 180, 180]);
    for (const [index, size] of sizes.slice(1).entries()) {
      expect(size.maxBitrate).toBeLessThanOrEqual(sizes[index]!.maxBitrate);
      expect(size.maxFramerate).toBeLessThanOrEqual(sizes[index]!.maxFramerate);
    }
  });

  it('is measured by its shorter side, and never enlarged', () => {
    expect(cameraEncoding(5, { width: 540, height: 960 })).toEqual(cameraEncoding(5, CAMERA));
    expect(cameraEncoding(5, { width: 160, height: 120 }).scaleResolutionDownBy).toBe(1);
    expect(cameraEncoding(5, {}).scaleResolutionDownBy).toBe(1);
  });

  describe('of a sender', () => {
    let sender: FakeTransceiver['sender'];
    const limit = (people: number) => limitCamera(sender as unknown as RTCRtpSender, people);

    beforeEach(() => {
      ({ sender } = new FakeTransceiver('video'));
    });

    it('is limited, and again only when the number of people asks for another size', async () => {
      await sender.replaceTrack(camera);
      const set = vi.spyOn(sender, 'setParameters');
      for (const people of [5, 6, 5]) await limit(people);
      expect(set).toHaveBeenCalledTimes(1);
      expect(sender.parameters.encodings).toEqual([cameraEncoding(5, CAMERA)]);
      await limit(3);
      expect(sender.parameters.encodings).toEqual([cameraEncoding(3, CAMERA)]);
    });

    it('is left alone while it is off, or when the browser refuses', async () => {
      const set = vi.spyOn(sender, 'setParameters').mockRejectedValue(new Error('InvalidStateError'));
      await limit(5);
      expect(set).not.toHaveBeenCalled();
      await sender.replaceTrack(camera);
      await limit(5);
      expect(sender.parameters.encodings).toEqual([{}]);
    });
  });
});
