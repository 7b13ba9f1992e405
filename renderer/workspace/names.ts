// Names of new workspaces: random suggestions, names derived from folders, and validation.

const adjectives = [
  'amber',
  'bold',
  'brave',
  'bright',
  'brisk',
  'calm',
  'clever',
  'copper',
  'deep',
  'eager',
  'early',
  'fair',
  'gentle',
  'glad',
  'golden',
  'green',
  'happy',
  'keen',
  'kind',
  'light',
  'lively',
  'lucky',
  'mellow',
  'mild',
  'nimble',
  'noble',
  'patient',
  'plain',
  'proud',
  'quick',
  'quiet',
  'ready',
  'silver',
  'smooth',
  'steady',
  'still',
  'sunny',
  'swift',
  'tidy',
  'warm',
  'wise',
  'witty',
] as const
const nouns = [
  'badger',
  'beaver',
  'birch',
  'brook',
  'cedar',
  'comet',
  'crane',
  'dolphin',
  'falcon',
  'fern',
  'finch',
  'fox',
  'harbor',
  'hare',
  'heron',
  'island',
  'lake',
  'lark',
  'lynx',
  'maple',
  'meadow',
  'moose',
  'oak',
  'orchard',
  'otter',
  'owl',
  'panda',
  'pine',
  'puffin',
  'raven',
  'river',
  'robin',
  'seal',
  'sparrow',
  'spruce',
  'stone',
  'swan',
  'tiger',
  'walrus',
  'willow',
  'wren',
  'zebra',
] as const

const maxLength = 32

const pick = (words: readonly string[], random: () => number): string =>
  words[Math.floor(random() * words.length)] ?? ''

/** A free two-word name. */
export function suggestName(taken: ReadonlySet<string>, random: () => number = Math.random): string {
  return makeUnique(`${pick(adjectives, random)}-${pick(nouns, random)}`, taken)
}

/** The last part of a path, converted to a free name: `/home/dev/My Shop` becomes `my-shop`, then `my-shop-2`. */
export function nameFromFolder(folder: string, taken: ReadonlySet<string>): string {
  const last = folder.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  const plain = last
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
  const name = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, maxLength)
    .replace(/-+$/, '')
  return name === '' || isReserved(name) ? suggestName(taken) : makeUnique(name, taken)
}

function makeUnique(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) {
    const ending = `-${count}`
    free = name.slice(0, maxLength - ending.length).replace(/-+$/, '') + ending
  }
  return free
}

// Used in addresses of forms: /templates/x/workspace/new.
const isReserved = (name: string): boolean => name === 'new' || name === 'create'

/** The first error of a name as a sentence; undefined if it is valid. */
export function validateName(name: string, taken: ReadonlySet<string>): string | undefined {
  if (name === '') return 'Enter a name.'
  if (name.length > maxLength) return `Use at most ${maxLength} characters; this name has ${name.length}.`
  if (!/^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/.test(name)) return 'Use letters, digits and single hyphens between them.'
  if (isReserved(name)) return `“${name}” is reserved. Choose another name.`
  if (taken.has(name.toLowerCase())) return `You already have a workspace called ${name}.`
  return undefined
}
