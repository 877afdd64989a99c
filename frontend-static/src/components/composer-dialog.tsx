import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { closeComposer, composer } from '../state/composer';
import { Composer } from './composer';
import { Confirm } from './confirm';
import { Dialog } from './dialog';

export function ComposerDialog() {
  const [dirty, setDirty] = useState(false);
  const [asking, setAsking] = useState(false);
  const open = composer.value;
  if (!open) return null;
  const { replyTo } = open;
  return (
    <Dialog title={replyTo ? t('composer.replyLabel') : t('composer.title')} onClose={() => (dirty ? setAsking(true) : closeComposer())} full>
      {replyTo && (
        <blockquote class="quoted">
          <b>{replyTo.author.displayName}</b>
          <p>{replyTo.text}</p>
        </blockquote>
      )}
      <Composer replyTo={replyTo} autoFocus onDirty={setDirty} onPosted={closeComposer} />
      {asking && (
        <Confirm title={t('composer.discard')} hint={t('post.deleteHint')} action={t('post.delete')} onClose={() => setAsking(false)}
          onConfirm={() => { setDirty(false); closeComposer(); return Promise.resolve(); }} />
      )}
    </Dialog>
  );
}
