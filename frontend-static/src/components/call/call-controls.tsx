import type { JSX } from 'preact';
import { canShareScreen } from '../../calls/devices';
import { t } from '../../i18n';
import { hangUp } from '../../state/active-call';
import { ownMedia, toggleCamera, toggleMicrophone, toggleScreen } from '../../state/call-media';
import { isMinimised } from '../../state/call-view';
import { showError } from '../../state/toasts';
import { Icon, type IconName } from '../icon';

interface Props {
  settings: boolean;
  toggleSettings: () => void;
  leave: JSX.Element;
}

export function CallControls({ settings, toggleSettings, leave }: Props) {
  const small = isMinimised.value;
  return (
    <div class="call-controls" role="group" aria-label={t('call.controls')}>
      <Microphone />
      <Camera />
      {!small && canShareScreen() && <Screen />}
      {!small && <Control icon="settings" label={t('call.settings')} expanded={settings} act={toggleSettings} />}
      <Control
        icon={small ? 'expand' : 'minimise'}
        label={small ? t('call.expand') : t('call.minimise')}
        className="call-size"
        act={() => (isMinimised.value = !small)}
      />
      {leave}
    </div>
  );
}

export function HangUp() {
  return <Control icon="hangup" label={t('call.hangup')} className="is-hangup" act={() => void hangUp()} />;
}

export function Microphone() {
  const { tracks, muted } = ownMedia.value;
  const isOff = muted || !tracks.microphone;
  return (
    <Control
      icon={isOff ? 'micOff' : 'mic'}
      label={isOff ? t('call.unmute') : t('call.mute')}
      pressed={isOff}
      act={() => void toggleMicrophone()}
    />
  );
}

export function Camera() {
  const isOff = !ownMedia.value.tracks.camera;
  return (
    <Control
      icon={isOff ? 'cameraOff' : 'film'}
      label={isOff ? t('call.cameraOn') : t('call.cameraOff')}
      pressed={isOff}
      act={() => void toggleCamera()}
    />
  );
}

function Screen() {
  const shares = Boolean(ownMedia.value.tracks.screen);
  return (
    <Control
      icon="screen"
      label={shares ? t('call.stopScreen') : t('call.shareScreen')}
      pressed={shares}
      act={() => void toggleScreen().catch(showError)}
    />
  );
}

interface ControlProps {
  icon: IconName;
  label: string;
  act: () => void;
  pressed?: boolean;
  expanded?: boolean;
  className?: string;
}

export function Control({ icon, label, act, pressed, expanded, className = '' }: ControlProps) {
  return (
    <button
      type="button"
      class={`call-button ${className}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      onClick={act}>
      <Icon name={icon} />
    </button>
  );
}
