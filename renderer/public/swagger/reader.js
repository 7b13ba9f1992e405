// Renders the OpenAPI document of this deployment as a reference page. Loads nothing from other sites; served unbundled.

const main = document.getElementById('reference')
const sections = document.getElementById('sections')
const filter = document.getElementById('filter')
const noResults = element('p', { className: 'note', hidden: true }, 'No results')

/** Creates an element. Strings become text nodes and are never parsed as HTML. */
function element(name, attributes = {}, ...children) {
  const created = Object.assign(document.createElement(name), attributes)
  created.append(...children)
  return created
}

const nameOf = (reference) => reference.split('/').at(-1)
const isOptional = (schema, key) => !(schema.required ?? []).includes(key)

/** A schema in TypeScript-like notation: a list of strings and links. */
function typeOf(schema, indent = '') {
  if (!schema) return ['any']
  if (schema.$ref) return [element('a', { href: `#${nameOf(schema.$ref)}` }, nameOf(schema.$ref))]
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' | ')]
  if (schema.const !== undefined) return [JSON.stringify(schema.const)]
  if (schema.anyOf)
    return schema.anyOf.flatMap((option, index) => [...(index > 0 ? [' | '] : []), ...typeOf(option, indent)])
  const types = [schema.type ?? 'any'].flat()
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

function codeSection(title, ...content) {
  return [element('h3', {}, title), element('pre', {}, ...content)]
}

function parametersOf(operation) {
  const lines = operation.parameters.flatMap(({ name, in: location, required, schema }) => [
    `${name}${required ? '' : '?'} (${location}): `,
    ...typeOf(schema),
    '\n',
  ])
  return lines.length > 0 ? codeSection('Parameters', ...lines) : []
}

function bodyOf({ requestBody }) {
  if (!requestBody) return []
  return Object.entries(requestBody.content).flatMap(([type, { schema }]) =>
    codeSection(`Request body, ${type}`, ...(schema ? typeOf(schema) : ['bytes'])),
  )
}

function responsesOf({ responses }) {
  return Object.entries(responses).flatMap(([status, { description, content }]) => {
    const title = `${status === 'default' ? 'Other statuses' : status} · ${description}`
    return content ? codeSection(title, ...typeOf(content['application/json'].schema)) : [element('h3', {}, title)]
  })
}

const credentials = { key: 'an API key or a session', agent: 'an agent token', secret: 'the secret in run.json' }

function accessOf(operation) {
  const needed = operation.security
    .flatMap(Object.keys)
    .map((name) => credentials[name])
    .filter(Boolean)
  const permission = operation['x-permission'] ? `; permission: ${operation['x-permission']}` : ''
  return element(
    'p',
    { className: 'note' },
    needed.length > 0 ? `Requires ${needed[0]}${permission}.` : 'Requires no authentication.',
  )
}

function createOperation(path, method, operation) {
  const isNamedInSummary = operation.summary.includes('WebSocket')
  const socket = operation.responses['101'] && !isNamedInSummary ? ' (WebSocket)' : ''
  const head = element(
    'summary',
    {},
    element('b', { className: 'method' }, method.toUpperCase()),
    element('code', {}, path),
    element('span', {}, operation.summary + socket),
  )
  const details = element('details', { id: `${method} ${path}` }, head)
  details.dataset.words = `${method} ${path} ${operation.summary}`.toLowerCase()
  // Rendered when it is opened.
  const fill = () => {
    const content = [accessOf(operation), ...parametersOf(operation), ...bodyOf(operation), ...responsesOf(operation)]
    details.append(element('div', { className: 'inside' }, ...content))
  }
  details.addEventListener('toggle', fill, { once: true })
  // The address links to the open entry.
  details.addEventListener(
    'toggle',
    () => details.open && history.replaceState(null, '', `#${encodeURIComponent(details.id)}`),
  )
  return details
}

function createSection(name, operations) {
  sections.append(element('li', {}, element('a', { href: `#${name}` }, name)))
  return element('section', {}, element('h2', { id: name }, name), ...operations)
}

function createSchemaSection(schemas) {
  const entries = Object.entries(schemas).map(([name, schema]) => {
    const head = element('summary', {}, element('b', { className: 'method' }, 'object'), element('code', {}, name))
    const details = element(
      'details',
      { id: name },
      head,
      element('div', { className: 'inside' }, element('pre', {}, ...typeOf(schema))),
    )
    details.dataset.words = name.toLowerCase()
    return details
  })
  return createSection('schemas', entries)
}

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const section of main.querySelectorAll('section')) {
    const matches = [...section.querySelectorAll('details')].filter((details) => {
      details.hidden = !words.every((word) => details.dataset.words.includes(word))
      return !details.hidden
    })
    section.hidden = matches.length === 0
  }
  noResults.hidden = main.querySelector('section:not([hidden])') !== null
}

function openLinked() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
  target?.scrollIntoView()
}

/** Replaces the reference if the document cannot be loaded. */
function showFailure(reason) {
  const retryButton = element('button', { type: 'button' }, 'Try again')
  retryButton.addEventListener('click', () => void show())
  main.replaceChildren(
    element('h2', {}, 'Could not load the API reference'),
    element('p', { className: 'note' }, reason),
    retryButton,
  )
}

async function load() {
  const response = await fetch('/swagger/doc.json')
  if (response.ok) return response.json()
  throw new Error(`The deployment returned status ${response.status}.`)
}

const compareNames = (a, b) => a.localeCompare(b, 'en')

function showReference({ info, tags, paths, components }) {
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .sort((a, b) => compareNames(a.path, b.path) || compareNames(a.method, b.method))
  sections.replaceChildren()
  main.replaceChildren(
    element('p', { className: 'note' }, `${info.title} ${info.version}. ${info.description}`),
    ...tags
      .map(({ name }) => name)
      .sort(compareNames)
      .map((name) =>
        createSection(
          name,
          operations
            .filter(({ operation }) => operation.tags.includes(name))
            .map(({ path, method, operation }) => createOperation(path, method, operation)),
        ),
      ),
    createSchemaSection(components.schemas),
    noResults,
  )
  applyFilter()
  openLinked()
}

async function show() {
  main.setAttribute('aria-busy', 'true')
  try {
    showReference(await load())
  } catch (error) {
    // Browsers report a failed request with different messages, none of which helps the user.
    showFailure(
      error instanceof TypeError ? 'Could not reach the deployment. Check that it is running.' : error.message,
    )
  }
  main.removeAttribute('aria-busy')
}

/** `/` focuses the filter, Enter opens the first result, Escape clears the filter. */
function onKey(event) {
  const isTyping = document.activeElement === filter
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    filter.select()
  } else if (event.key === 'Enter' && isTyping) {
    const first = main.querySelector('section:not([hidden]) details:not([hidden])')
    if (!first) return
    // Otherwise the same key press closes it again.
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
