/** Buttons that add parts to a post. */
import { t } from '../../i18n';
import { emptyPoll } from '../../lib/new-poll';
import { toLocalInput } from '../../lib/schedule';
import { hasLive } from '../../state/lives';
import { addFiles } from '../../state/uploads';
import { Icon, type IconName } from '../icon';
import type { Fields } from './fields';
import { FilePicker, MEDIA_ICONS } from './files';

interface Props {
  fields: Fields;
  /** An edit cannot change the poll or the publication time. */
  isEdit: boolean;
  disabled: boolean;
  /** Whether the button for a live stream is shown. */
  offersLive: boolean;
}

const HOUR_MS = 60 * 60_000;

export function Toolbar({ fields, isEdit, disabled, offersLive }: Props) {
  return (
    <>
      {MEDIA_ICONS.map(([kind, icon]) => (
        <FilePicker
          key={kind}
          kind={kind}
          icon={icon}
          disabled={disabled}
          onPick={(files) => addFiles(fields.attachments, files)}
        />
      ))}
      <WarningToggle fields={fields} disabled={disabled} />
      {!isEdit && <PollToggle fields={fields} disabled={disabled} />}
      {!isEdit && <ScheduleToggle fields={fields} disabled={disabled} />}
      {offersLive && hasLive() && <GoLive />}
    </>
  );
}

/** Not a part of a post: the button leads to another page. */
function GoLive() {
  return (
    <a class="icon-button" href="/live" aria-label={t('live.start')} title={t('live.start')}>
      <Icon name="live" />
    </a>
  );
}

type ToggleProps = Pick<Props, 'fields' | 'disabled'>;

function WarningToggle({ fields: { warning }, disabled }: ToggleProps) {
  const isOn = warning.value !== null;
  const label = t(isOn ? 'warning.remove' : 'warning.add');
  return (
    <Tool icon="alert" label={label} isOn={isOn} disabled={disabled} act={() => (warning.value = isOn ? null : '')} />
  );
}

function PollToggle({ fields: { poll }, disabled }: ToggleProps) {
  const isOn = poll.value !== null;
  const label = t(isOn ? 'poll.remove' : 'poll.add');
  const toggle = () => (poll.value = isOn ? null : emptyPoll());
  return <Tool icon="poll" label={label} isOn={isOn} disabled={disabled} act={toggle} />;
}

function ScheduleToggle({ fields: { publishAt }, disabled }: ToggleProps) {
  const isOn = publishAt.value !== '';
  const label = t(isOn ? 'schedule.clear' : 'schedule.add');
  const toggle = () => (publishAt.value = isOn ? '' : toLocalInput(Date.now() + HOUR_MS));
  return <Tool icon="clock" label={label} isOn={isOn} disabled={disabled} act={toggle} />;
}

interface ToolProps {
  icon: IconName;
  label: string;
  isOn: boolean;
  disabled: boolean;
  act: () => void;
}

function Tool({ icon, label, isOn, disabled, act }: ToolProps) {
  return (
    <button
      type="button"
      class={`icon-button ${isOn ? 'is-on' : ''}`}
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      disabled={disabled}
      onClick={act}>
      <Icon name={icon} />
    </button>
  );
}
