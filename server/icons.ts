// Icons that templates name, as `/icon/docker.svg` and `/emojis/1f4bb.png`: the names are Coder's, the pictures are in
// renderer/public/icon. Whatever is asked for, a picture is answered: a broken one says nothing to anybody.

/** Where the picture lies among the dashboard's files: itself, its drawing where pixels were asked for, or the neutral one.
 *  Empty for what is no icon. */
export function iconFiles(path: string): readonly string[] {
  if (!path.startsWith('/icon/')) return []
  return [path, path.replace(/\.png$/, '.svg'), '/icon/other.svg']
}

/** The character itself, in the computer's own drawing of it. Null for what is no emoji. */
export function drawEmoji(path: string): string | null {
  const codes = /^\/emojis\/([0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,9})\.png$/i.exec(path)?.[1]?.split('-')
  if (!codes) return null
  const points = codes.map((code) => Number.parseInt(code, 16))
  // Below are letters and what markup is made of; in the middle halves of characters.
  if (points.some((point) => point < 0xa0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) {
    if (!/^(?:23|2a|3[0-9])$/i.test(codes[0] ?? '') || codes.length === 1) return null
  }
  const text = points.map((point) => `&#${point};`).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><text x="12" y="19" font-size="19" fill="#7b828c" text-anchor="middle">${text}</text></svg>`
}
