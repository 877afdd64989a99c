/** The subject of the report dialog, which the shell renders, so that it survives the card that opened it. */
import { signal } from '@preact/signals';
import type { SubjectKind } from '../api/types';

export interface ReportSubject {
  kind: SubjectKind;
  id: string;
  /** The person concerned. */
  name: string;
}

export const reportSubject = signal<ReportSubject | null>(null);

export function openReport(subject: ReportSubject): void {
  reportSubject.value = subject;
}
