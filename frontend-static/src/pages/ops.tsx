import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AwsCredentials } from '../auth/amplify';
import { auth, email, groups, isOperator } from '../auth/session';
import { Empty, Spinner } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { config } from '../config';
import { t } from '../i18n';
import { fullTime } from '../lib/time';
import { alarms, Denied, logGroups, users } from '../ops/aws';

/** AWS data for developers and administrators, read with their own IAM role. */
export function OpsPage() {
  return (
    <>
      <PageHead title={t('ops.title')} />
      <div class="ops">
        <p class="muted">{t('ops.lead')}</p>
        <dl class="ops-identity">
          <div>
            <dt>{t('ops.identity')}</dt>
            <dd>{email.value}</dd>
          </div>
          <div>
            <dt>{t('ops.groups')}</dt>
            <dd>{groups.value.join(', ') || t('ops.none')}</dd>
          </div>
        </dl>
        {config().links.console && (
          <p>
            <a href={config().links.console} target="_blank" rel="noopener">
              {t('ops.console')} <Icon name="external" size={15} />
            </a>
          </p>
        )}
        {isOperator.value ? <Panels /> : <Empty icon="lock" title={t('ops.denied')} hint={t('ops.deniedHint')} />}
      </div>
    </>
  );
}

function Panels() {
  return (
    <>
      <Panel
        title={t('ops.alarms')}
        group="developers"
        load={alarms}
        columns={[t('ops.name'), t('ops.state'), t('ops.reason')]}
        row={(alarm) => [
          alarm.name,
          <span class={`state state-${alarm.state.toLowerCase()}`}>{alarm.state}</span>,
          alarm.reason,
        ]}
      />
      <Panel
        title={t('ops.logs')}
        group="developers"
        load={logGroups}
        columns={[t('ops.name'), t('ops.bytes')]}
        row={(group) => [group.name, group.bytes.toLocaleString()]}
      />
      <Panel
        title={t('ops.users')}
        group="administrators"
        load={users}
        columns={[t('auth.email'), t('ops.status'), t('ops.created')]}
        row={(user) => [user.email, user.status, fullTime(user.created)]}
      />
    </>
  );
}

interface PanelProps<T> {
  title: string;
  /** The group whose IAM role may read it (infra/stacks/auth.py); for others the requests would be refused. */
  group: 'developers' | 'administrators';
  load: (credentials: AwsCredentials) => Promise<T[]>;
  columns: string[];
  row: (item: T) => preact.ComponentChild[];
}

function Panel<T>({ title, group, load, columns, row }: PanelProps<T>) {
  const items = useSignal<T[] | null>(null);
  const failure = useSignal<string | null>(null);
  const refresh = async () => {
    failure.value = null;
    try {
      if (!groups.value.includes(group)) throw new Denied(group);
      const credentials = await (await auth()).awsCredentials();
      if (!credentials) throw new Denied('no role');
      items.value = await load(credentials);
    } catch (error) {
      failure.value =
        error instanceof Denied
          ? t('ops.roleDenied')
          : t('ops.failed', error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    void refresh();
  }, []);
  return (
    <section class="ops-panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={`${t('ops.refresh')}: ${title}`}
          onClick={() => void refresh()}>
          <Icon name="refresh" size={19} />
        </button>
      </header>
      {failure.value && (
        <p class="ops-denied">
          <Icon name="lock" size={18} /> {failure.value}
        </p>
      )}
      {!items.value && !failure.value && <Spinner />}
      {items.value?.length === 0 && !failure.value && <p class="muted">{t('ops.none')}</p>}
      {items.value && items.value.length > 0 && !failure.value && (
        <div class="table-scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.value.map((item, index) => (
                <tr key={index}>
                  {row(item).map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
