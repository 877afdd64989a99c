/** The tab's title: the page's title, with notices before it. */
import { effect, signal } from '@preact/signals';

const page = signal('asyncsns');
const notice = signal('');

effect(() => {
  document.title = notice.value ? `${notice.value} · ${page.value}` : page.value;
});

export function setPageTitle(title: string): void {
  page.value = title;
}

/** A notice before the title of any page, until it is empty. */
export function setTitleNotice(text: string): void {
  notice.value = text;
}
