/** The scroll position of a conversation's log: at its end, at a message, or where the reader scrolled. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { subject } from '../../auth/session';
import { type ChatThread, jumpToNewest, loadMessagesAround, loadMoreMessages } from '../../state/chat-thread';
import { showError } from '../../state/toasts';

const NEAR_PX = 120;
const MARK_MS = 2200;

/** The message to jump to, with a counter so that the same message can be requested again. */
export type Target = { seq: number; ask: number } | null;

export function useLogScroll(id: string, thread: ChatThread, isTyping: boolean, target: Target) {
  const { messages, outgoing, older, newer, loading } = thread;
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ seq: number; top: number } | null>(null);
  const atEnd = useRef(true);
  const opened = useRef(false);
  const [below, setBelow] = useState(0);
  /** More than a screen above the end. */
  const [away, setAway] = useState(false);
  const { marked, jump } = useJump(id, box, target);
  const last = messages.at(-1);

  // On opening: at the first unread message if there is one, otherwise at the end.
  useLayoutEffect(() => {
    const line = box.current?.querySelector<HTMLElement>('.chat-unread');
    if (line) line.scrollIntoView({ block: 'center' });
    else scrollToEnd(box.current);
    atEnd.current = isAtEnd(box.current);
  }, []);
  useLayoutEffect(() => {
    const own = last?.senderId === subject.value;
    if (!box.current) return;
    if (atEnd.current || own || outgoing.some((item) => item.delivery === 'sending')) {
      if (!newer) scrollToEnd(box.current);
      setBelow(0);
    } else if (last && opened.current) setBelow((count) => count + 1);
    opened.current = true;
  }, [last?.seq, outgoing.length]);
  useLayoutEffect(() => {
    if (atEnd.current && !newer) scrollToEnd(box.current);
  }, [isTyping, last?.reactions.length]);
  // Content inserted above must not move the visible messages.
  useLayoutEffect(() => {
    const element = anchor.current && rowOf(box.current, anchor.current.seq);
    if (element && box.current) box.current.scrollTop += element.getBoundingClientRect().top - anchor.current!.top;
    anchor.current = null;
  }, [messages[0]?.seq]);

  const more = (direction: 'older' | 'newer') => {
    const first = messages[0];
    if (direction === 'older' && first)
      anchor.current = { seq: first.seq, top: rowOf(box.current, first.seq)?.getBoundingClientRect().top ?? 0 };
    void loadMoreMessages(id, direction).catch(showError);
  };
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    atEnd.current = isAtEnd(element);
    setAway(element.scrollHeight - element.scrollTop > 2 * element.clientHeight);
    if (atEnd.current) setBelow(0);
    if (element.scrollTop < NEAR_PX * 3 && older && !loading && !anchor.current) more('older');
    if (atEnd.current && newer && !loading) more('newer');
  };
  const toEnd = () => {
    if (!newer) return scrollToEnd(box.current);
    void jumpToNewest(id).then(() => requestAnimationFrame(() => scrollToEnd(box.current)), showError);
  };
  return { box, below, isAway: Boolean(newer) || away || below > 0, marked, jump, more, onScroll, toEnd };
}

/** Scrolls to a message and highlights it for a moment. */
function useJump(id: string, box: { current: HTMLElement | null }, target: Target) {
  const [marked, setMarked] = useState<number | null>(null);
  const jump = async (seq: number) => {
    try {
      await loadMessagesAround(id, seq);
      requestAnimationFrame(() => {
        rowOf(box.current, seq)?.scrollIntoView({ block: 'center' });
        setMarked(seq);
        setTimeout(() => setMarked(null), MARK_MS);
      });
    } catch (error) {
      showError(error);
    }
  };
  useEffect(() => {
    if (target) void jump(target.seq);
  }, [target?.ask]);
  return { marked, jump };
}

function rowOf(box: HTMLElement | null, seq: number): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`.bubble-row[data-seq="${seq}"], .chat-line[data-seq="${seq}"]`) ?? null;
}

function scrollToEnd(box: HTMLElement | null): void {
  if (box) box.scrollTop = box.scrollHeight;
}

function isAtEnd(element: HTMLElement | null): boolean {
  return !element || element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
}
