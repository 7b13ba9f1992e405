import { afterAll, beforeAll, expect, test } from 'vitest'
import { endpoints } from '../api/table.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'

interface Operation {
  readonly summary: string
  readonly responses: Readonly<Record<string, unknown>>
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
}
interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

let server: TestServer
let text: string
let description: Description
beforeAll(async () => {
  server = await startTestServer()
  const response = await fetch(`${server.url}/swagger/doc.json`)
  expect(response.status).toBe(200)
  text = await response.text()
  description = JSON.parse(text)
})
afterAll(() => server.close())

test('every endpoint is described with its parameters and responses', () => {
  expect(description.openapi).toBe('3.1.0')
  for (const { method, path, params, responses, summary } of endpoints) {
    const operation = description.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    expect(operation, `${method} ${path}`).toBeDefined()
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(responses)))
    const names = Object.keys((params as { properties?: object } | undefined)?.properties ?? {})
    expect(operation?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(names)
    expect(summary).not.toBe('')
  }
})

test('every reference has a schema, and named schemas are not repeated', () => {
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string)
  expect(references.length).toBeGreaterThan(100)
  for (const name of references) expect(description.components.schemas, name).toHaveProperty(name)
  expect(description.components.schemas).toHaveProperty('Workspace')
  expect(text.length).toBeLessThan(600_000)
})
