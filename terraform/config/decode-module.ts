// Decodes the files of a module into declarations. Continues after errors; reports duplicate names.

import { formatInstance, formatResource } from '../addresses.ts'
import { type Diagnostic, errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { convert, failed } from '../values/convert.ts'
import { dynamicType, type Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'
import { BodyReader, keywordOf } from './body-reader.ts'
import { decodeCheck } from './decode-check.ts'
import { decodeLanguage, incompatibleModule } from './decode-language.ts'
import { decodeModuleCall } from './decode-module-call.ts'
import { decodeProvider, TerraformBlocks } from './decode-provider.ts'
import { decodeImport, decodeMoved, decodeRemoved } from './decode-refactoring.ts'
import { decodeCondition, decodeEphemeral, decodeResource } from './decode-resource.ts'
import { unsupportedArgument } from './json-file.ts'
import { checkName, readLabels } from './labels.ts'
import {
  type CheckBlock,
  configurationName,
  type EphemeralBlock,
  type ImportBlock,
  type InputVariable,
  type LocalValue,
  type Module,
  type ModuleCall,
  type MovedBlock,
  type OutputValue,
  type ProviderBlock,
  type RemovedBlock,
  type ResourceBlock,
} from './module.ts'
import { mergeOverrides } from './override-files.ts'
import { readType } from './type-constraint.ts'

export interface ModuleFile {
  readonly body: Body
  readonly text: string
  readonly role: 'configuration' | 'override' | 'values'
}

export function decodeModule(dir: string, files: readonly ModuleFile[]): Module {
  const decoder = new ModuleDecoder(files)
  const blocksOf = (role: ModuleFile['role']) => files.flatMap((file) => (file.role === role ? file.body.blocks : []))
  for (const block of mergeOverrides(blocksOf('configuration'), blocksOf('override'), decoder.report))
    decoder.addBlock(block)
  for (const { body, role } of files) {
    if (role === 'values') decoder.addVariableValues(body)
    else decoder.rejectArguments(body)
  }
  // The other errors may be caused by the version mismatch.
  const incompatible = decoder.module.diagnostics.filter(({ summary }) => summary === incompatibleModule)
  const diagnostics = incompatible.length > 0 ? incompatible : decoder.module.diagnostics
  return { dir, ...decoder.terraform, ...decoder.module, diagnostics }
}

class ModuleDecoder {
  readonly module = {
    variables: new Map<string, InputVariable>(),
    locals: new Map<string, LocalValue>(),
    outputs: new Map<string, OutputValue>(),
    resources: new Map<string, ResourceBlock>(),
    calls: new Map<string, ModuleCall>(),
    checks: new Map<string, CheckBlock>(),
    ephemerals: new Map<string, EphemeralBlock>(),
    moved: [] as MovedBlock[],
    removed: [] as RemovedBlock[],
    imports: [] as ImportBlock[],
    providerBlocks: [] as ProviderBlock[],
    variableValues: new Map<string, { value: Value; range: Range }>(),
    diagnostics: [] as Diagnostic[],
  }

  readonly report = (diagnostic: Diagnostic): void => {
    this.module.diagnostics.push(diagnostic)
  }

  readonly #texts: ReadonlyMap<string, string>
  readonly #overrides: ReadonlySet<Block>
  readonly #terraform = new TerraformBlocks(this.report)

  constructor(files: readonly ModuleFile[]) {
    this.#texts = new Map(files.map(({ body, text }) => [body.range.file, text]))
    this.#overrides = new Set(files.flatMap(({ role, body }) => (role === 'override' ? body.blocks : [])))
  }

  readonly #decoders: Readonly<Record<string, (block: Block) => void>> = {
    variable: (block) => this.#decodeVariable(block),
    locals: (block) => this.#decodeLocals(block),
    output: (block) => this.#decodeOutput(block),
    resource: (block) => this.#decodeResource(block, 'managed'),
    data: (block) => this.#decodeResource(block, 'data'),
    provider: (block) => this.#decodeProvider(block),
    terraform: (block) => this.#terraform.add(block, this.#overrides.has(block)),
    module: (block) => this.#decodeCall(block),
    moved: (block) => this.#push(this.module.moved, decodeMoved(block, this.report)),
    removed: (block) => this.#push(this.module.removed, decodeRemoved(block, this.report)),
    import: (block) => this.#decodeImport(block),
    check: (block) => this.#check(block),
    language: (block) => decodeLanguage(block, this.#overrides.has(block), this.report),
    ephemeral: (block) => this.#decodeEphemeral(block),
  }

  get terraform(): Pick<Module, 'requiredProviders' | 'storage'> {
    return { requiredProviders: this.#terraform.requiredProviders, storage: this.#terraform.storage }
  }

  #push<T>(into: T[], item: T | undefined): void {
    if (item) into.push(item)
  }

  addBlock(block: Block): void {
    const decode = Object.hasOwn(this.#decoders, block.type) ? this.#decoders[block.type] : undefined
    if (decode) {
      decode(block)
      return
    }
    const hint = didYouMean(block.type, Object.keys(this.#decoders))
    this.report(
      errorAt(
        block.typeRange,
        'Unsupported block type',
        `Blocks of type "${block.type}" are not expected here.${hint}`,
      ),
    )
  }

  rejectArguments(body: Body): void {
    for (const attribute of body.attributes.values()) {
      const detail = `An argument named "${attribute.name}" is not expected here. Only blocks are allowed at the top level of a file; values of variables belong in terraform.tfvars.`
      this.report(errorAt(attribute.nameRange, unsupportedArgument(body), detail))
    }
  }

  addVariableValues(body: Body): void {
    const reader = new BodyReader(body, 'a file of variable values', this.report)
    reader.rejectBlocks()
    for (const attribute of body.attributes.values()) {
      const before = this.module.diagnostics.length
      const value = reader.constantOf(attribute.expression)
      if (hasErrors(this.module.diagnostics.slice(before))) continue
      this.module.variableValues.set(attribute.name, { value, range: attribute.expression.range })
    }
  }

  /** The single label of a block; reports any other number. `summary` is the diagnostic for an invalid name. */
  #readLabel(block: Block, summary: string): string | undefined {
    const [name] = readLabels(block, ['name'], this.report) ?? []
    return name !== undefined && checkName(block, 0, summary, this.report) ? name : undefined
  }

  #declare<T extends { readonly range: Range }>(
    declared: Map<string, T>,
    name: string,
    summary: string,
    item: T,
  ): void {
    const earlier = declared.get(name)
    if (earlier) {
      const detail = `"${name}" is already declared in ${earlier.range.file}. Names must be unique in a module.`
      this.report(errorAt(item.range, summary, detail))
      return
    }
    declared.set(name, item)
  }

  #decodeVariable(block: Block): void {
    const name = this.#readLabel(block, 'Invalid variable name')
    if (name === undefined) return
    if (reservedVariables.has(name)) {
      const detail = `"${name}" is a meta-argument of module blocks, so a variable cannot have this name.`
      this.report(errorAt(block.labels[0]?.range, 'Invalid variable name', detail))
    }
    const reader = new BodyReader(block.body, `variable "${name}"`, this.report)
    reader.allowOnly(
      ['type', 'default', 'description', 'sensitive', 'nullable', 'ephemeral', 'const', 'deprecated'],
      ['validation'],
    )
    const typeExpression = reader.expression('type')
    const type = typeExpression ? readType(typeExpression, reader) : dynamicType
    this.#declare(this.module.variables, name, 'Duplicate variable declaration', {
      name,
      type,
      typeText: typeExpression ? this.#textAt(typeExpression.range) : 'any',
      defaultValue: this.#decodeDefault(reader, type),
      description: reader.string('description') ?? '',
      sensitive: reader.bool('sensitive') ?? false,
      ephemeral: reader.bool('ephemeral') ?? false,
      deprecated: reader.string('deprecated'),
      nullable: reader.bool('nullable') ?? true,
      isStatic: reader.bool('const'),
      validations: reader.blocks('validation').flatMap((inner) => decodeCondition(inner, this.report)),
      range: block.headerRange,
    })
  }

  #textAt({ file, start, end }: Range): string {
    return this.#texts.get(file)?.slice(start, end) ?? ''
  }

  #decodeDefault(reader: BodyReader, type: Type): Value | undefined {
    const expression = reader.expression('default')
    const value = expression && reader.constantOf(expression)
    if (!value) return undefined
    const converted = convert(value, type)
    warnIgnoredAttributes(expression, type, reader)
    if (!failed(converted)) {
      if (converted.kind === 'null' && reader.bool('nullable') === false) {
        const detail = 'The default cannot be null when nullable = false.'
        reader.error(expression.range, 'Invalid default value for variable', detail)
      }
      return converted
    }
    reader.error(
      expression.range,
      'Invalid default value for variable',
      `The default does not fit the variable's type: ${converted.problem}.`,
    )
    return value
  }

  #decodeLocals(block: Block): void {
    if (!readLabels(block, [], this.report)) return
    const reader = new BodyReader(block.body, 'locals', this.report)
    reader.rejectBlocks()
    for (const { name, expression, range } of block.body.attributes.values()) {
      this.#declare(this.module.locals, name, 'Duplicate local value definition', { name, expression, range })
    }
  }

  #decodeOutput(block: Block): void {
    const name = this.#readLabel(block, 'Invalid output name')
    if (name === undefined) return
    const reader = new BodyReader(block.body, `output "${name}"`, this.report)
    reader.allowOnly(['value', 'description', 'sensitive', 'ephemeral', 'deprecated', 'depends_on'], ['precondition'])
    const expression = reader.required('value')
    reader.string('description')
    if (!expression) return
    this.#declare(this.module.outputs, name, 'Duplicate output definition', {
      name,
      expression,
      sensitive: reader.bool('sensitive') ?? false,
      ephemeral: reader.bool('ephemeral') ?? false,
      deprecated: reader.string('deprecated'),
      dependsOn: reader.dependsOn(),
      preconditions: reader.blocks('precondition').flatMap((inner) => decodeCondition(inner, this.report)),
      range: block.headerRange,
    })
  }

  #decodeResource(block: Block, mode: 'managed' | 'data'): void {
    const resource = decodeResource(block, mode, this.report)
    if (resource) this.#declareResource(resource)
  }

  #declareResource(resource: ResourceBlock): void {
    const { mode } = resource.address
    this.#declare(
      this.module.resources,
      formatResource(resource.address),
      `Duplicate ${mode === 'data' ? 'data' : 'resource'} "${resource.address.type}" configuration`,
      resource,
    )
  }

  #decodeEphemeral(block: Block): void {
    const read = decodeEphemeral(block, this.report)
    if (!read) return
    const name = `ephemeral.${read.type}.${block.labels[1]?.text}`
    this.#declare(this.module.ephemerals, name, `Duplicate ephemeral "${read.type}" configuration`, read)
  }

  #decodeCall(block: Block): void {
    const name = this.#readLabel(block, 'Invalid module instance name')
    const call = name === undefined ? undefined : decodeModuleCall(block, name, this.report)
    if (call) this.#declare(this.module.calls, call.name, 'Duplicate module call', call)
  }

  #decodeImport(block: Block): void {
    const read = decodeImport(block, this.report)
    if (!read) return
    const nameOf = ({ to }: ImportBlock) => to.resource && formatInstance({ ...to.resource, module: to.module }, to.key)
    const isPlain = read.key === undefined || read.to.key !== undefined
    if (isPlain && this.module.imports.some((other) => nameOf(other) === nameOf(read))) {
      const detail = 'An object can be imported only once. Remove one of the blocks.'
      this.report(
        errorAt(block.headerRange, `Duplicate import configuration for ${JSON.stringify(nameOf(read))}`, detail),
      )
    } else this.module.imports.push(read)
  }

  #check(block: Block): void {
    const name = this.#readLabel(block, 'Invalid check block name')
    if (name === undefined) return
    const { check, data } = decodeCheck(block, name, this.report)
    this.#declare(this.module.checks, name, `Duplicate check "${name}" configuration`, check)
    if (data) this.#declareResource(data)
  }

  #decodeProvider(block: Block): void {
    const name = this.#readLabel(block, 'Invalid provider configuration name')
    if (name === undefined) return
    const provider = decodeProvider(block, name, this.report)
    const key = configurationName(provider)
    const earlier = this.module.providerBlocks.find((other) => configurationName(other) === key)
    if (!earlier) {
      this.module.providerBlocks.push(provider)
      return
    }
    const detail = `The provider configuration ${key} is already declared in ${earlier.range.file}. Give one of them another alias.`
    this.report(errorAt(block.headerRange, 'Duplicate provider configuration', detail))
  }
}

/** Reports attributes that the type does not declare, which conversion drops: likely a typo. */
function warnIgnoredAttributes(expression: Expression, type: Type, reader: BodyReader): void {
  if (expression.type === 'tuple' && 'element' in type)
    for (const element of expression.elements) warnIgnoredAttributes(element, type.element, reader)
  if (expression.type !== 'object') return
  for (const { key, value } of expression.items) {
    const name = keywordOf(key)
    const inner =
      type.kind === 'object' ? type.attributes.get(name ?? '') : 'element' in type ? type.element : undefined
    if (inner) warnIgnoredAttributes(value, inner, reader)
    else if (type.kind === 'object' && name !== undefined) {
      const detail = `The object type has no attribute "${name}", so it is dropped.${didYouMean(name, type.attributes.keys())}`
      reader.warn(key.range, 'Object attribute is ignored', detail)
    }
  }
}

const reservedVariables: ReadonlySet<string> = new Set([
  'source',
  'version',
  'providers',
  'count',
  'for_each',
  'lifecycle',
  'depends_on',
  'locals',
])
