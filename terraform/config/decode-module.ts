// Decodes the files of one module into its declarations. Goes on after every error; what is told twice is named twice.

import { formatResource } from '../addresses.ts'
import { type Diagnostic, didYouMean, errorAt, type Range } from '../diagnostics.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { convert, failed } from '../values/convert.ts'
import { dynamicType, type Type } from '../values/type.ts'
import { primitiveText, type Value } from '../values/value.ts'
import { BodyReader, wordOf } from './body-reader.ts'
import { decodeCheck } from './decode-check.ts'
import { decodeModuleCall } from './decode-module-call.ts'
import { decodeImport, decodeMoved, decodeRemoved } from './decode-refactoring.ts'
import { decodeCondition, decodeResource } from './decode-resource.ts'
import type {
  CheckBlock,
  ImportBlock,
  InputVariable,
  LocalValue,
  Module,
  ModuleCall,
  MovedBlock,
  OutputValue,
  ProviderBlock,
  RemovedBlock,
  RequiredProvider,
  ResourceBlock,
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
    else decoder.refuseArguments(body)
  }
  return { dir, ...decoder.module }
}

class ModuleDecoder {
  readonly module = {
    variables: new Map<string, InputVariable>(),
    locals: new Map<string, LocalValue>(),
    outputs: new Map<string, OutputValue>(),
    resources: new Map<string, ResourceBlock>(),
    calls: new Map<string, ModuleCall>(),
    checks: new Map<string, CheckBlock>(),
    moved: [] as MovedBlock[],
    removed: [] as RemovedBlock[],
    imports: [] as ImportBlock[],
    providerBlocks: [] as ProviderBlock[],
    requiredProviders: new Map<string, RequiredProvider>(),
    variableValues: new Map<string, { value: Value; range: Range }>(),
    diagnostics: [] as Diagnostic[],
  }

  readonly #texts: ReadonlyMap<string, string>

  constructor(files: readonly ModuleFile[]) {
    this.#texts = new Map(files.map(({ body, text }) => [body.range.file, text]))
  }

  readonly report = (diagnostic: Diagnostic): void => {
    this.module.diagnostics.push(diagnostic)
  }

  readonly #decoders: Readonly<Record<string, (block: Block) => void>> = {
    variable: (block) => this.#variable(block),
    locals: (block) => this.#locals(block),
    output: (block) => this.#output(block),
    resource: (block) => this.#resource(block, 'managed'),
    data: (block) => this.#resource(block, 'data'),
    provider: (block) => this.#provider(block),
    terraform: (block) => this.#terraform(block),
    module: (block) => this.#call(block),
    moved: (block) => this.#push(this.module.moved, decodeMoved(block, this.report)),
    removed: (block) => this.#push(this.module.removed, decodeRemoved(block, this.report)),
    import: (block) => this.#push(this.module.imports, decodeImport(block, this.report)),
    check: (block) => this.#check(block),
    ephemeral: (block) =>
      this.#refuse(
        block,
        'No provider of this deployment has ephemeral resources, so blocks of this type can not be used.',
      ),
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

  refuseArguments(body: Body): void {
    for (const attribute of body.attributes.values()) {
      const detail = `An argument named "${attribute.name}" is not expected here. At the top of a file stand blocks only; values of variables belong into terraform.tfvars.`
      this.report(errorAt(attribute.nameRange, 'Unsupported argument', detail))
    }
  }

  addVariableValues(body: Body): void {
    const reader = new BodyReader(body, 'a file of variable values', this.report)
    reader.allowOnly([...body.attributes.keys()], [])
    for (const attribute of body.attributes.values()) {
      const value = reader.constantOf(attribute.expression)
      this.module.variableValues.set(attribute.name, { value, range: attribute.expression.range })
    }
  }

  #refuse(block: Block, detail: string): void {
    this.report(errorAt(block.headerRange, 'Unsupported block type', detail))
  }

  /** The single label of a block; told when it is not exactly one. */
  #label(block: Block): string | undefined {
    const [label] = block.labels
    if (label && block.labels.length === 1) return label.text
    this.report(errorAt(block.headerRange, 'Invalid block labels', `A ${block.type} block has one label, its name.`))
    return undefined
  }

  #declare<T extends { readonly range: Range }>(declared: Map<string, T>, name: string, what: string, item: T): void {
    const earlier = declared.get(name)
    if (earlier) {
      const detail = `There is already a ${what} "${name}" in ${earlier.range.file}. Names must be unique in a module.`
      this.report(errorAt(item.range, `Duplicate ${what}`, detail))
      return
    }
    declared.set(name, item)
  }

  #variable(block: Block): void {
    const name = this.#label(block)
    if (name === undefined) return
    const reader = new BodyReader(block.body, `variable "${name}"`, this.report)
    reader.allowOnly(
      ['type', 'default', 'description', 'sensitive', 'nullable', 'ephemeral', 'deprecated'],
      ['validation'],
    )
    const typeExpression = reader.expression('type')
    const type = typeExpression ? readType(typeExpression, reader) : dynamicType
    this.#declare(this.module.variables, name, 'variable', {
      name,
      type,
      typeText: typeExpression ? this.#textAt(typeExpression.range) : 'any',
      defaultValue: this.#default(reader, type),
      description: reader.text('description') ?? '',
      sensitive: reader.flag('sensitive') ?? false,
      deprecated: reader.text('deprecated'),
      nullable: reader.flag('nullable') ?? true,
      validations: reader.blocks('validation').flatMap((inner) => decodeCondition(inner, this.report)),
      range: block.headerRange,
    })
  }

  #textAt({ file, start, end }: Range): string {
    return this.#texts.get(file)?.slice(start, end) ?? ''
  }

  #default(reader: BodyReader, type: Type): Value | undefined {
    const expression = reader.expression('default')
    const value = expression && reader.constantOf(expression)
    if (!value) return undefined
    const converted = convert(value, type)
    if (!failed(converted)) return converted
    reader.error(
      expression.range,
      'Invalid default value for variable',
      `The default does not fit the variable's type: ${converted.problem}.`,
    )
    return value
  }

  #locals(block: Block): void {
    const reader = new BodyReader(block.body, 'locals', this.report)
    reader.allowOnly([...block.body.attributes.keys()], [])
    for (const { name, expression, nameRange } of block.body.attributes.values()) {
      this.#declare(this.module.locals, name, 'local value', { name, expression, range: nameRange })
    }
  }

  #output(block: Block): void {
    const name = this.#label(block)
    if (name === undefined) return
    const reader = new BodyReader(block.body, `output "${name}"`, this.report)
    reader.allowOnly(['value', 'description', 'sensitive', 'ephemeral', 'deprecated', 'depends_on'], ['precondition'])
    const expression = reader.required('value', block.headerRange)
    if (!expression) return
    this.#declare(this.module.outputs, name, 'output', {
      name,
      expression,
      sensitive: reader.flag('sensitive') ?? false,
      deprecated: reader.text('deprecated'),
      dependsOn: reader.references('depends_on'),
      preconditions: reader.blocks('precondition').flatMap((inner) => decodeCondition(inner, this.report)),
      range: block.headerRange,
    })
  }

  #resource(block: Block, mode: 'managed' | 'data'): void {
    const resource = decodeResource(block, mode, this.report)
    if (resource) this.#declareResource(resource)
  }

  #declareResource(resource: ResourceBlock): void {
    const { mode } = resource.address
    this.#declare(
      this.module.resources,
      formatResource(resource.address),
      mode === 'data' ? 'data source' : 'resource',
      resource,
    )
  }

  #call(block: Block): void {
    const name = this.#label(block)
    const call = name === undefined ? undefined : decodeModuleCall(block, name, this.report)
    if (call) this.#declare(this.module.calls, call.name, 'module call', call)
  }

  #check(block: Block): void {
    const name = this.#label(block)
    if (name === undefined) return
    const { check, data } = decodeCheck(block, name, this.report)
    this.#declare(this.module.checks, name, 'check block', check)
    if (data) this.#declareResource(data)
  }

  #provider(block: Block): void {
    const name = this.#label(block)
    if (name === undefined) return
    const reader = new BodyReader(block.body, `provider "${name}"`, this.report)
    this.module.providerBlocks.push({ name, alias: reader.text('alias'), body: block.body, range: block.headerRange })
  }

  #terraform(block: Block): void {
    const reader = new BodyReader(block.body, 'terraform', this.report)
    reader.allowOnly(['required_version', 'experiments'], ['required_providers', 'backend', 'cloud', 'provider_meta'])
    for (const inner of reader.blocks('required_providers')) {
      for (const attribute of inner.body.attributes.values()) {
        const source = sourceOf(attribute.expression, reader) ?? `hashicorp/${attribute.name}`
        this.module.requiredProviders.set(attribute.name, { name: attribute.name, source, range: attribute.range })
      }
    }
  }
}

/** `{ source = "coder/coder", version = ">= 2.0" }`, or the old form, a bare version. */
function sourceOf(expression: Expression, reader: BodyReader): string | undefined {
  if (expression.type !== 'object') return undefined
  const item = expression.items.find((candidate) => wordOf(candidate.key) === 'source')
  return item && primitiveText(reader.constantOf(item.value))
}
