/** What is being reported; the dialog stands in the shell, so that a card that goes away does not take it along. */
import { signal } from '@preact/signals';
import type { SubjectKind } from '../api/types';

export interface ReportSubject {
  kind: SubjectKind;
  id: string;
  /** Whom it is about. */
  name: string;
}

export const reportSubject = signal<ReportSubject | null>(null);

export function openReport(subject: ReportSubject): void {
  reportSubject.value = subject;
}
