/** The title of the tab: the page's, and before it what wants attention. */
import { effect, signal } from '@preact/signals';

const page = signal('asyncsns');
const notice = signal('');

effect(() => {
  document.title = notice.value ? `${notice.value} · ${page.value}` : page.value;
});

export function setPageTitle(title: string): void {
  page.value = title;
}

/** Stands before the title of whatever page is open, until it is empty. */
export function setTitleNotice(text: string): void {
  notice.value = text;
}
