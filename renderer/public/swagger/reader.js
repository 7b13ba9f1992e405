// Shows the description of the API to people, from this deployment and without anything from elsewhere. Served as it is.

const main = document.getElementById('reference')
const subjects = document.getElementById('subjects')
const filter = document.getElementById('filter')
const nothing = element('p', { className: 'note', hidden: true }, 'No endpoint and no schema has all of these words.')

/** An element with attributes and what is in it; texts are never taken for markup. */
function element(name, attributes = {}, ...inside) {
  const made = Object.assign(document.createElement(name), attributes)
  made.append(...inside)
  return made
}

const nameOf = (reference) => reference.split('/').at(-1)
const isOptional = (schema, key) => !(schema.required ?? []).includes(key)

/** A schema as people write types: a list of texts and links. */
function typeOf(schema, indent = '') {
  if (!schema) return ['anything']
  if (schema.$ref) return [element('a', { href: `#${nameOf(schema.$ref)}` }, nameOf(schema.$ref))]
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' | ')]
  if (schema.const !== undefined) return [JSON.stringify(schema.const)]
  if (schema.anyOf) return schema.anyOf.flatMap((one, at) => [...(at > 0 ? [' | '] : []), ...typeOf(one, indent)])
  const types = [schema.type ?? 'anything'].flat()
  if (types.includes('array')) return ['list of ', ...typeOf(schema.items, indent), ...orNull(types)]
  if (types.includes('object')) return [...objectOf(schema, indent), ...orNull(types)]
  return [[schema.format ?? types[0], ...types.slice(1)].join(' | ')]
}

const orNull = (types) => (types.includes('null') ? [' | null'] : [])

function objectOf(schema, indent) {
  const entries = Object.entries(schema.properties ?? {})
  const others = schema.patternProperties ? Object.values(schema.patternProperties)[0] : schema.additionalProperties
  if (entries.length === 0) return others ? ['map of ', ...typeOf(others, indent)] : ['{}']
  const lines = entries.flatMap(([key, value]) => [
    `${indent}  ${key}${isOptional(schema, key) ? '?' : ''}: `,
    ...typeOf(value, `${indent}  `),
    '\n',
  ])
  return ['{\n', ...lines, `${indent}}`]
}

function part(title, ...inside) {
  return [element('h3', {}, title), element('pre', {}, ...inside)]
}

function parametersOf(operation) {
  const lines = operation.parameters.flatMap(({ name, in: place, required, schema }) => [
    `${name}${required ? '' : '?'} (${place}): `,
    ...typeOf(schema),
    '\n',
  ])
  return lines.length > 0 ? part('Parameters', ...lines) : []
}

function bodyOf({ requestBody }) {
  if (!requestBody) return []
  return Object.entries(requestBody.content).flatMap(([type, { schema }]) =>
    part(`Body, ${type}`, ...(schema ? typeOf(schema) : ['bytes'])),
  )
}

function answersOf({ responses }) {
  return Object.entries(responses).flatMap(([status, { description, content }]) => {
    const title = `${status === 'default' ? 'Otherwise' : status} · ${description}`
    return content ? part(title, ...typeOf(content['application/json'].schema)) : [element('h3', {}, title)]
  })
}

const who = { key: 'a key or a session', agent: 'the token of an agent', secret: 'the secret of run.json' }

function accessOf(operation) {
  const needed = operation.security
    .flatMap(Object.keys)
    .map((name) => who[name])
    .filter(Boolean)
  const permission = operation['x-permission'] ? `; permission: ${operation['x-permission']}` : ''
  return element(
    'p',
    { className: 'note' },
    needed.length > 0 ? `Needs ${needed[0]}${permission}.` : 'Open to everybody.',
  )
}

function showOperation(path, method, operation) {
  const isNamed = operation.summary.includes('WebSocket')
  const socket = operation.responses['101'] && !isNamed ? ' (WebSocket)' : ''
  const head = element(
    'summary',
    {},
    element('b', { className: 'method' }, method.toUpperCase()),
    element('code', {}, path),
    element('span', {}, operation.summary + socket),
  )
  const shown = element('details', { id: `${method} ${path}` }, head)
  shown.dataset.words = `${method} ${path} ${operation.summary}`.toLowerCase()
  // Most are never opened.
  const fill = () => {
    const inside = [accessOf(operation), ...parametersOf(operation), ...bodyOf(operation), ...answersOf(operation)]
    shown.append(element('div', { className: 'inside' }, ...inside))
  }
  shown.addEventListener('toggle', fill, { once: true })
  // What is open can be linked to.
  shown.addEventListener(
    'toggle',
    () => shown.open && history.replaceState(null, '', `#${encodeURIComponent(shown.id)}`),
  )
  return shown
}

function showSubject(name, operations) {
  subjects.append(element('li', {}, element('a', { href: `#${name}` }, name)))
  return element('section', {}, element('h2', { id: name }, name), ...operations)
}

function showSchemas(schemas) {
  const shown = Object.entries(schemas).map(([name, schema]) => {
    const head = element('summary', {}, element('b', { className: 'method' }, 'object'), element('code', {}, name))
    const one = element(
      'details',
      { id: name },
      head,
      element('div', { className: 'inside' }, element('pre', {}, ...typeOf(schema))),
    )
    one.dataset.words = name.toLowerCase()
    return one
  })
  return showSubject('schemas', shown)
}

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const section of main.querySelectorAll('section')) {
    const shown = [...section.querySelectorAll('details')].filter((one) => {
      one.hidden = !words.every((word) => one.dataset.words.includes(word))
      return !one.hidden
    })
    section.hidden = shown.length === 0
  }
  nothing.hidden = main.querySelector('section:not([hidden])') !== null
}

function openLinked() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
  target?.scrollIntoView()
}

/** What is read instead of the description when that cannot be had. */
function showFailure(reason) {
  const again = element('button', { type: 'button' }, 'Try again')
  again.addEventListener('click', () => void show())
  main.replaceChildren(
    element('h2', {}, 'The description of the API could not be read'),
    element('p', { className: 'note' }, reason),
    again,
  )
}

async function load() {
  const answer = await fetch('/swagger/doc.json')
  if (answer.ok) return answer.json()
  throw new Error(`The deployment answered with ${answer.status}.`)
}

const order = (one, other) => one.localeCompare(other, 'en')

function showDescription({ info, tags, paths, components }) {
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .sort((one, other) => order(one.path, other.path) || order(one.method, other.method))
  subjects.replaceChildren()
  main.replaceChildren(
    element('p', { className: 'note' }, `${info.title} ${info.version}. ${info.description}`),
    ...tags
      .map(({ name }) => name)
      .sort(order)
      .map((name) =>
        showSubject(
          name,
          operations
            .filter(({ operation }) => operation.tags.includes(name))
            .map(({ path, method, operation }) => showOperation(path, method, operation)),
        ),
      ),
    showSchemas(components.schemas),
    nothing,
  )
  applyFilter()
  openLinked()
}

async function show() {
  main.setAttribute('aria-busy', 'true')
  try {
    showDescription(await load())
  } catch (error) {
    // The browser's own words for an address that does not answer differ, and none says what to do.
    showFailure(error instanceof TypeError ? 'Could not reach the deployment. Is it running?' : error.message)
  }
  main.removeAttribute('aria-busy')
}

/** `/` goes to the filter, Enter opens what it found first, Escape leaves it empty. */
function onKey(event) {
  const isTyping = document.activeElement === filter
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    filter.select()
  } else if (event.key === 'Enter' && isTyping) {
    const first = main.querySelector('section:not([hidden]) details:not([hidden])')
    if (!first) return
    // Else the same key would close it again.
    event.preventDefault()
    first.open = true
    first.querySelector('summary').focus()
  } else if (event.key === 'Escape' && isTyping) {
    filter.value = ''
    applyFilter()
  }
}

filter.addEventListener('input', applyFilter)
document.addEventListener('keydown', onKey)
window.addEventListener('hashchange', openLinked)
await show()
