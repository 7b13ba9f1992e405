// Icons of templates, such as `/icon/docker.svg` and `/emojis/1f4bb.png`: the names are Coder's, the images are in
// renderer/public/icon. Unknown names return a neutral icon instead of a broken image.

/** Path of the image among the dashboard's files: the icon, its SVG when a bitmap was requested, or the neutral icon.
 *  Empty for other paths. */
export function iconFiles(path: string): readonly string[] {
  if (!path.startsWith('/icon/')) return []
  return [path, path.replace(/\.png$/, '.svg'), '/icon/other.svg']
}

/** An SVG with the character, rendered by the system's emoji font. Null for other characters. */
export function drawEmoji(path: string): string | null {
  const codes = /^\/emojis\/([0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,9})\.png$/i.exec(path)?.[1]?.split('-')
  if (!codes) return null
  const points = codes.map((code) => Number.parseInt(code, 16))
  // Lower code points are letters and markup; the range in the middle is surrogates.
  if (points.some((point) => point < 0xa0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) {
    if (!/^(?:23|2a|3[0-9])$/i.test(codes[0] ?? '') || codes.length === 1) return null
  }
  const text = points.map((point) => `&#${point};`).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><text x="12" y="19" font-size="19" fill="#7b828c" text-anchor="middle">${text}</text></svg>`
}
