// Mocked resource types and data sources; their values come from mock-values.ts.

import type { DataSourceType, ResourceType } from '../provider.ts'
import type { ObjectValue } from '../values/value.ts'
import { fillUnknown, type MockShape, mockObject } from './mock-values.ts'
import type { Fields } from './test-file.ts'

/** Creates nothing: the planned value becomes the object. */
export function mockResource(type: ResourceType, fields: Fields, shape: MockShape): ResourceType {
  // Arguments may be unknown because of a missing module or function.
  const filled = (planned: ObjectValue) => fillUnknown(type.schema, planned, shape.typeName)
  return {
    schema: type.schema,
    ...(type.isInferred && { isInferred: true }),
    isMock: true,
    ...(type.schemaVersion !== undefined && { schemaVersion: type.schemaVersion }),
    ...(type.validate && { validate: (config) => type.validate?.(config) ?? [] }),
    plan({ config }) {
      const { value, diagnostics } = mockObject(type.schema, config, fields, shape)
      return { planned: value, diagnostics }
    },
    read: async (current) => ({ value: current }),
    create: async (planned) => ({ value: filled(planned) }),
    update: async (_prior, planned) => ({ value: filled(planned) }),
    delete: async () => ({ value: null }),
  }
}

export function mockDataSource(type: DataSourceType, fields: Fields, shape: MockShape): DataSourceType {
  return {
    schema: type.schema,
    ...(type.isInferred && { isInferred: true }),
    ...(type.validate && { validate: (config) => type.validate?.(config) ?? [] }),
    acceptsUnknown: true,
    read: async (config) => mockObject(type.schema, fillUnknown(type.schema, config, shape.typeName), fields, shape),
  }
}

/** A real data source whose arguments may come from a missing module: unknown values are generated. */
export const dataSourceWithFilledUnknowns = (type: DataSourceType, typeName: string): DataSourceType => ({
  ...type,
  acceptsUnknown: true,
  read: (config, context) => type.read(fillUnknown(type.schema, config, typeName), context),
})

/** A real resource type whose arguments may come from a missing module: unknown values are generated. */
export function resourceWithFilledUnknowns(type: ResourceType, typeName: string): ResourceType {
  const filled = (planned: Parameters<ResourceType['create']>[0]) => fillUnknown(type.schema, planned, typeName)
  return {
    ...type,
    create: (planned, context) => type.create(filled(planned), context),
    update: (prior, planned, context) => type.update(prior, filled(planned), context),
  }
}
