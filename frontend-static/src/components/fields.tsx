import type { InputHTMLAttributes } from 'preact';
import { useId, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icon';

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  error?: string | null;
  type?: 'text' | 'email' | 'password';
  name?: string;
  autoComplete?: string;
  inputMode?: InputHTMLAttributes<HTMLInputElement>['inputMode'];
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  prefix?: string;
}

/** A labelled input; hint and error are announced with it. */
export function Field({ label, value, onValue, hint, error, type = 'text', prefix, ...input }: FieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const isPassword = type === 'password';
  return (
    <div class={`field ${error ? 'has-error' : ''}`}>
      <label for={id}>{label}</label>
      <div class="field-box">
        {prefix && (
          <span class="field-prefix" aria-hidden="true">
            {prefix}
          </span>
        )}
        <input
          {...input}
          id={id}
          class="input"
          type={(isPassword && shown ? 'text' : type) as 'text'}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-hint` : undefined}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        {isPassword && (
          <button
            type="button"
            class="icon-button"
            aria-label={shown ? t('auth.hide') : t('auth.show')}
            onClick={() => setShown(!shown)}>
            <Icon name={shown ? 'eyeOff' : 'eye'} size={19} />
          </button>
        )}
      </div>
      {(error || hint) && (
        <p id={`${id}-hint`} class={error ? 'field-error' : 'field-hint'}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

export function TextArea({
  label,
  value,
  onValue,
  maxLength,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  maxLength: number;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="input"
        rows={3}
        maxLength={maxLength}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </div>
  );
}
