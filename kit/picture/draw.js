// Draws what is in sight of the page as an SVG: boxes, borders, pictures, icons and lines of text, each where the
// browser put it. It returns the text of the file. It leaves out gradients, shadows and pseudo-elements.
() => {
  const paint = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  const out = [];
  let clips = 0;
  const round = (value) => Math.round(value * 10) / 10;
  const escaped = (text) =>
    text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]);

  /** Any CSS colour as `rgb(r g b / a)`; nothing for one that is not seen. */
  const colour = (css) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = '#0000';
    paint.fillStyle = css;
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
    if (alpha === 0) return '';
    const hex = [red, green, blue].map((one) => one.toString(16).padStart(2, '0')).join('');
    return alpha === 255 ? `#${hex}` : `#${hex}${alpha.toString(16).padStart(2, '0')}`;
  };

  const box = (rect, radius, attributes) =>
    `<rect x="${round(rect.x)}" y="${round(rect.y)}" width="${round(rect.width)}" height="${round(rect.height)}"` +
    `${radius ? ` rx="${round(radius)}"` : ''} ${attributes}/>`;

  const radiusOf = (style, rect) => {
    const given = style.borderTopLeftRadius;
    const value = Number.parseFloat(given) || 0;
    const pixels = given.endsWith('%') ? (value / 100) * rect.width : value;
    return Math.min(pixels, rect.width / 2, rect.height / 2);
  };

  const drawBox = (style, rect) => {
    const fill = colour(style.backgroundColor);
    if (fill) out.push(box(rect, radiusOf(style, rect), `fill="${fill}"`));
    const sides = ['Top', 'Right', 'Bottom', 'Left'].map((side) => ({
      width: style[`border${side}Style`] === 'none' ? 0 : Number.parseFloat(style[`border${side}Width`]),
      stroke: colour(style[`border${side}Color`]),
    }));
    const [top, right, bottom, left] = sides;
    if (sides.every((one) => one.width && one.stroke === top.stroke && one.stroke)) {
      const inner = {
        x: rect.x + top.width / 2,
        y: rect.y + top.width / 2,
        width: rect.width - top.width,
        height: rect.height - top.width,
      };
      out.push(box(inner, radiusOf(style, rect), `fill="none" stroke="${top.stroke}" stroke-width="${top.width}"`));
      return;
    }
    const line = (x1, y1, x2, y2, side) => {
      if (side.width && side.stroke) {
        const at = [x1, y1, x2, y2].map(round);
        out.push(
          `<path d="M${at[0]} ${at[1]}L${at[2]} ${at[3]}" stroke="${side.stroke}" stroke-width="${side.width}"/>`,
        );
      }
    };
    line(rect.left, rect.top, rect.right, rect.top, top);
    line(rect.right, rect.top, rect.right, rect.bottom, right);
    line(rect.left, rect.bottom, rect.right, rect.bottom, bottom);
    line(rect.left, rect.top, rect.left, rect.bottom, left);
  };

  const clipped = (rect, radius, draw) => {
    clips += 1;
    out.push(`<clipPath id="c${clips}">${box(rect, radius, '')}</clipPath><g clip-path="url(#c${clips})">`);
    draw();
    out.push('</g>');
  };

  /** A picture, small enough for a text file. */
  const drawPicture = (element, style, rect) => {
    const [width, height] = [element.naturalWidth || element.videoWidth, element.naturalHeight || element.videoHeight];
    if (!width || !height) return;
    const scale = Math.max(rect.width / width, rect.height / height);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.ceil(rect.width), Math.ceil(rect.height)];
    const drawn = [width * scale, height * scale];
    const at = [(rect.width - drawn[0]) / 2, (rect.height - drawn[1]) / 2];
    canvas.getContext('2d').drawImage(element, ...at, ...drawn);
    let data;
    try {
      data = canvas.toDataURL('image/webp', 0.6);
    } catch {
      return; // From another origin: its pixels are not ours to read.
    }
    const place = `x="${round(rect.x)}" y="${round(rect.y)}" width="${round(rect.width)}" height="${round(rect.height)}"`;
    const image = () => out.push(`<image ${place} href="${data}"/>`);
    const radius = radiusOf(style, rect) || radiusOf(getComputedStyle(element.parentElement), rect);
    if (radius) clipped(rect, radius, image);
    else image();
  };

  const drawIcon = (element, rect) => {
    const copy = element.cloneNode(true);
    const [from, to] = [
      [element, ...element.querySelectorAll('*')],
      [copy, ...copy.querySelectorAll('*')],
    ];
    from.forEach((one, index) => {
      const style = getComputedStyle(one);
      const target = to[index];
      for (const name of [...target.getAttributeNames()]) {
        if (name === 'class' || name === 'style' || name.startsWith('aria-') || name.startsWith('data-')) {
          target.removeAttribute(name);
        }
      }
      target.setAttribute('fill', style.fill === 'none' ? 'none' : colour(style.fill) || 'none');
      if (style.stroke !== 'none') {
        target.setAttribute('stroke', colour(style.stroke) || 'none');
        target.setAttribute('stroke-width', Number.parseFloat(style.strokeWidth));
        target.setAttribute('stroke-linecap', style.strokeLinecap);
        target.setAttribute('stroke-linejoin', style.strokeLinejoin);
      }
    });
    for (const name of ['x', 'y', 'width', 'height']) copy.setAttribute(name, round(rect[name]));
    out.push(new XMLSerializer().serializeToString(copy).replaceAll(' xmlns="http://www.w3.org/2000/svg"', ''));
  };

  const writeLine = (text, rect, style) => {
    const shown = text.trim();
    const fill = colour(style.color);
    if (!shown || !fill || rect.width < 1) return;
    paint.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const measured = paint.measureText(shown);
    const height = measured.fontBoundingBoxAscent + measured.fontBoundingBoxDescent;
    const baseline = rect.top + (rect.height - height) / 2 + measured.fontBoundingBoxAscent;
    const fit = ` textLength="${round(rect.width)}" lengthAdjust="spacingAndGlyphs"`;
    out.push(
      `<text x="${round(rect.left)}" y="${round(baseline)}" font-size="${round(Number.parseFloat(style.fontSize))}"` +
        ` font-weight="${style.fontWeight}" fill="${fill}"${fit}>${escaped(shown)}</text>`,
    );
  };

  /** Lines of a text node, each where it begins and as wide as it is. */
  const writeText = (node, style) => {
    const range = document.createRange();
    let line = '';
    let place = null;
    const end = () => place && writeLine(line, place, style);
    let at = 0;
    for (const { segment } of new Intl.Segmenter().segment(node.data)) {
      range.setStart(node, at);
      at += segment.length;
      range.setEnd(node, at);
      const rect = range.getClientRects()[0];
      if (!rect || (!rect.width && !segment.trim())) continue;
      if (place && Math.abs(rect.top - place.top) < 2) {
        line += segment;
        if (segment.trim()) place.width = rect.right - place.left;
      } else {
        end();
        line = segment.trim() ? segment : '';
        place = segment.trim()
          ? { left: rect.left, top: rect.top, width: rect.width, height: rect.height }
          : null;
      }
    }
    end();
  };

  const writeField = (element, style, rect) => {
    const chosen = element.selectedOptions?.[0]?.text;
    const text = chosen || element.value || element.placeholder || '';
    if (!text || ['checkbox', 'radio', 'range', 'file', 'hidden'].includes(element.type)) return;
    paint.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const left = rect.left + Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.borderLeftWidth);
    const room = rect.right - left - Number.parseFloat(style.paddingRight);
    const size = Number.parseFloat(style.fontSize) * 1.3;
    const top = element.localName === 'textarea' ? rect.top + Number.parseFloat(style.paddingTop) : rect.top;
    const height = element.localName === 'textarea' ? size : rect.height;
    const faint = element.value ? style : { ...fields(style), color: getComputedStyle(element, '::placeholder').color };
    writeLine(text, { left, top, width: Math.min(room, paint.measureText(text).width), height }, faint);
  };
  const fields = ({ fontStyle, fontWeight, fontSize, fontFamily }) => ({ fontStyle, fontWeight, fontSize, fontFamily });

  const draw = (element) => {
    const style = getComputedStyle(element);
    const rect = element.getBoundingClientRect();
    if (style.display === 'none' || style.opacity === '0' || style.clipPath !== 'none') return;
    if (rect.top > innerHeight || rect.bottom < 0 || rect.left > innerWidth || rect.right < 0) return;
    if (rect.width <= 1 && rect.height <= 1 && style.overflow === 'hidden') return; // For screen readers only.
    const visible = style.visibility === 'visible';
    if (element.localName === 'svg') {
      if (visible) drawIcon(element, rect);
      return;
    }
    if (visible && style.display !== 'contents') drawBox(style, rect);
    if (element.localName === 'img' || element.localName === 'video') {
      drawPicture(element, style, rect);
      return;
    }
    if (['input', 'textarea', 'select'].includes(element.localName)) {
      writeField(element, style, rect);
      return;
    }
    const inside = () => {
      for (const child of element.childNodes) {
        if (child.nodeType === Node.TEXT_NODE && visible) writeText(child, style);
        else if (child.nodeType === Node.ELEMENT_NODE) draw(child);
      }
    };
    if (style.overflowX === 'visible' || element === document.body) inside();
    else clipped(rect, radiusOf(style, rect), inside);
  };

  const sheet = colour(getComputedStyle(document.body).backgroundColor) || '#ffffff';
  const size = { x: 0, y: 0, width: innerWidth, height: innerHeight };
  clipped(size, 12, () => {
    out.push(box(size, 0, `fill="${sheet}"`));
    draw(document.body);
  });
  out.push(box({ x: 0.5, y: 0.5, width: innerWidth - 1, height: innerHeight - 1 }, 12, 'fill="none" stroke="#8888"'));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${innerWidth} ${innerHeight}"` +
    ` font-family="system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', sans-serif" role="img">\n` +
    `<title>${escaped(document.title)}</title>\n${out.join('\n')}\n</svg>\n`
  );
}
