import { useRef } from 'preact/hooks';
import { profile } from '../../auth/session';
import { t } from '../../i18n';
import { addFiles } from '../../state/uploads';
import { Attachments } from '../attachments';
import { Avatar } from '../avatar';
import { Counter } from '../counter';
import { Audience } from './audience';
import { AutosaveNote } from './autosave-note';
import { textLength } from './checks';
import type { Fields } from './fields';
import { PollPart, QuotePreview, SchedulePart, SensitiveBox, WarningField } from './parts';
import { submitLabel } from './submit';
import { TextField } from './text-field';
import { Toolbar } from './toolbar';
import { type ComposerOptions, removeAttachment, useComposer } from './use-composer';

interface Props extends Partial<ComposerOptions> {
  autoFocus?: boolean;
  /** Whether the button for a live stream is shown. */
  offersLive?: boolean;
}

/** One form for new posts, replies, quotes, edits, drafts and scheduled posts. */
export function Composer({ autoFocus = false, offersLive = false, ...told }: Props) {
  const options = { replyTo: null, quote: null, start: null, ...told };
  const { replyTo, start } = options;
  const { fields, isBusy, canSend, send, draftState } = useComposer(options);
  const isLater = fields.publishAt.value !== '';
  const self = profile.value;
  return (
    <form
      class="composer"
      aria-label={replyTo ? t('composer.replyLabel') : t('composer.title')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        addFiles(fields.attachments, event.dataTransfer?.files ?? []);
      }}>
      {self && <Avatar of={self} />}
      <div class="composer-main">
        <Content fields={fields} options={options} autoFocus={autoFocus} disabled={isBusy} send={() => void send()} />
        <div class="composer-who">
          {!start?.editing && <Audience fields={fields} isReply={replyTo !== null} disabled={isBusy} />}
          <span class="spacer" />
          <Counter used={textLength(fields)} />
        </div>
        <div class="composer-foot">
          <Toolbar fields={fields} isEdit={Boolean(start?.editing)} disabled={isBusy} offersLive={offersLive} />
          <span class="spacer" />
          <button type="submit" class="button button-primary" disabled={!canSend}>
            {isBusy ? t('composer.posting') : submitLabel(start, isLater, replyTo !== null)}
          </button>
        </div>
        {!start?.editing && !start?.scheduled && <AutosaveNote state={draftState.value} />}
      </div>
    </form>
  );
}

interface ContentProps {
  fields: Fields;
  options: ComposerOptions;
  autoFocus: boolean;
  disabled: boolean;
  send: () => void;
}

/** The parts of the post, from top to bottom. */
function Content({ fields, options: { replyTo, quote, start }, autoFocus, disabled, send }: ContentProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <>
      {replyTo && <p class="composer-reply muted">{t('composer.replyTo', replyTo.author.handle)}</p>}
      <WarningField fields={fields} disabled={disabled} />
      <TextField
        field={field}
        text={fields.text}
        isReply={replyTo !== null}
        autoFocus={autoFocus}
        disabled={disabled}
        onFiles={(files) => addFiles(fields.attachments, files)}
        onSend={send}
      />
      <Attachments
        items={fields.attachments.value}
        remove={(item) => {
          removeAttachment(fields, item);
          field.current?.focus();
        }}
        arrange={(items) => (fields.attachments.value = items)}
      />
      <SensitiveBox fields={fields} disabled={disabled} />
      {quote && <QuotePreview post={quote} />}
      <PollPart fields={fields} disabled={disabled} />
      <SchedulePart fields={fields} disabled={disabled} />
      {start?.editing && <p class="field-hint">{t(start.editing.poll ? 'edit.keepsPoll' : 'edit.keeps')}</p>}
    </>
  );
}
