// Types of resources and data sources that are not asked: they plan, make and read what mock-values.ts composes.

import type { DataSourceType, ResourceType } from '../provider.ts'
import type { ObjectValue } from '../values/value.ts'
import { fillUnknown, type MockShape, mockObject } from './mock-values.ts'
import type { Fields } from './test-file.ts'

/** Nothing is made outside; what is planned is what there is then. */
export function mockResource(type: ResourceType, fields: Fields, shape: MockShape): ResourceType {
  // What it is given may come from a module or a function that is not here.
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

/** A real type, where an argument comes from a module that is not here. */
export const dataSourceWithFilledUnknowns = (type: DataSourceType, typeName: string): DataSourceType => ({
  ...type,
  acceptsUnknown: true,
  read: (config, context) => type.read(fillUnknown(type.schema, config, typeName), context),
})

/** A real type, where a value that it is given comes from a module that is not here: something is made up for it. */
export function resourceWithFilledUnknowns(type: ResourceType, typeName: string): ResourceType {
  const filled = (planned: Parameters<ResourceType['create']>[0]) => fillUnknown(type.schema, planned, typeName)
  return {
    ...type,
    create: (planned, context) => type.create(filled(planned), context),
    update: (prior, planned, context) => type.update(prior, filled(planned), context),
  }
}
