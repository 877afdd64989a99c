import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { setPageTitle } from '../lib/title';
import { back } from '../router';
import { Icon } from './icon';

interface Props {
  title: string;
  /** The title is a user-chosen name. */
  isolated?: boolean;
  /** Shows a back button, which leads to this path when there is no history. */
  parent?: string;
  detail?: string;
  children?: ComponentChildren;
}

/** The header of the middle column; also sets the document's title. */
export function PageHead({ title, isolated, parent, detail, children }: Props) {
  useEffect(() => {
    setPageTitle(`${title} · asyncsns`);
  }, [title]);
  return (
    <header class="page-head">
      {parent && (
        <button type="button" class="icon-button" aria-label={t('app.back')} onClick={() => back(parent)}>
          <Icon name="back" />
        </button>
      )}
      <div class="page-head-title">
        <h1 tabIndex={-1}>{isolated ? <bdi>{title}</bdi> : title}</h1>
        {detail && <span class="muted">{detail}</span>}
      </div>
      {children}
    </header>
  );
}
