// The `docker` provider, compatible with kreuzwerker/docker 3 and 4: containers, images, volumes and networks of a Docker
// engine, which also Podman provides. An engine can give access to the whole computer it runs on.

import type { ConfiguredProvider, Provider } from '../../provider.ts'
import { optional, required, sensitive, text, texts, unorderedBlocks } from '../../provider-schema.ts'
import { textField, textsField } from '../../values/fields.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { DockerContext } from './common/context.ts'
import { containerResource } from './container/container.ts'
import { imageData, networkData, registryImageData } from './data-sources.ts'
import { type EngineSettings, resolveEngine } from './engine/address.ts'
import { EngineClient } from './engine/client.ts'
import { registryAuths } from './engine/registry-auth.ts'
import { imageResource } from './image/image.ts'
import { registryImageResource, tagResource } from './image/registry-image.ts'
import { networkResource } from './network.ts'
import { volumeResource } from './volume.ts'

const configuration: Provider['configuration'] = {
  attributes: {
    host: optional(text),
    context: optional(text),
    ssh_opts: optional(texts),
    ca_material: optional(text),
    cert_material: optional(text),
    key_material: sensitive(optional(text)),
    cert_path: optional(text),
  },
  blocks: {
    registry_auth: unorderedBlocks({
      attributes: {
        address: required(text),
        username: optional(text),
        password: sensitive(optional(text)),
        config_file: optional(text),
        config_file_content: sensitive(optional(text)),
      },
      blocks: {},
    }),
  },
}

export const dockerProvider = (context: DockerContext): Provider => ({
  ...tables(context, undefined, {}),
  configure: (config) => configure(context, config),
})

function configure(context: DockerContext, config: ObjectValue): ConfiguredProvider {
  const material = (name: string) => textField(config, `${name}_material`)
  const [ca, cert, key] = [material('ca'), material('cert'), material('key')]
  const settings: EngineSettings = {
    host: textField(config, 'host'),
    context: textField(config, 'context'),
    certPath: textField(config, 'cert_path'),
    sshOptions: textsField(config, 'ssh_opts'),
    ...((ca ?? cert ?? key) !== undefined && { tls: { ca, cert, key } }),
  }
  return { provider: tables(context, config, settings) }
}

function tables(context: DockerContext, config: ObjectValue | undefined, settings: EngineSettings): Provider {
  const client = new EngineClient(() => resolveEngine(settings, context.environment))
  const source = { client, findAuth: registryAuths(config, context.environment) }
  return {
    name: 'docker',
    source: 'kreuzwerker/docker',
    compatibleVersion: '4',
    configuration,
    resources: {
      docker_container: containerResource(source, context),
      docker_image: imageResource(source),
      docker_network: networkResource(client, context),
      docker_registry_image: registryImageResource(source),
      docker_tag: tagResource(source),
      docker_volume: volumeResource(client, context),
    },
    dataSources: {
      docker_image: imageData(source),
      docker_network: networkData(client),
      docker_registry_image: registryImageData(source),
    },
  }
}
