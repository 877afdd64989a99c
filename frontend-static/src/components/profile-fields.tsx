/** The table of a profile: labels and values, and its editor. */
import type { ProfileField } from '../api/types';
import { t } from '../i18n';
import { Field } from './fields';

export const MOST_FIELDS = 4;

/** Only a value that is nothing but a URL becomes a link. */
function asLink(value: string): string | null {
  return /^https?:\/\/[^\s<>"]+$/i.test(value) ? value : null;
}

export function ProfileFields({ fields }: { fields: ProfileField[] }) {
  if (fields.length === 0) return null;
  return (
    <dl class="profile-fields">
      {fields.map((field, index) => {
        const href = asLink(field.value);
        return (
          <div key={index}>
            <dt>{field.name}</dt>
            <dd>
              {href ? (
                <a href={href} target="_blank" rel="me nofollow noopener noreferrer">
                  {href.replace(/^https?:\/\//i, '').replace(/\/$/, '')}
                </a>
              ) : (
                field.value
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Always shows the maximum number of rows; empty rows are dropped. */
export function FieldsEditor({
  fields,
  onChange,
}: {
  fields: ProfileField[];
  onChange: (fields: ProfileField[]) => void;
}) {
  const rows = Array.from({ length: MOST_FIELDS }, (_, index) => fields[index] ?? { name: '', value: '' });
  const set = (index: number, change: Partial<ProfileField>) =>
    onChange(rows.map((row, place) => (place === index ? { ...row, ...change } : row)));
  return (
    <fieldset class="fields-editor">
      <legend>{t('profile.fields')}</legend>
      <p class="field-hint">{t('profile.fieldsHint')}</p>
      {rows.map((row, index) => (
        <div class="fields-row" key={index}>
          <Field
            label={t('profile.fieldName', index + 1)}
            maxLength={30}
            required={row.value.trim() !== ''}
            value={row.name}
            onValue={(name) => set(index, { name })}
          />
          <Field
            label={t('profile.fieldValue', index + 1)}
            maxLength={150}
            required={row.name.trim() !== ''}
            value={row.value}
            onValue={(value) => set(index, { value })}
          />
        </div>
      ))}
    </fieldset>
  );
}
