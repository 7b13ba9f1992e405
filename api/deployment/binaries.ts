// The coder binary of this deployment for other machines, under the file names that Coder's clients request.

import { Type } from 'typebox'
import { endpoint, open } from '../endpoint.ts'

const reason = 'machines download the binary before they have a token'

export const listBinaries = endpoint({
  method: 'GET',
  path: '/bin/',
  summary: 'List the binaries that this deployment provides.',
  access: open(reason),
  responses: { 200: Type.Array(Type.String()) },
})

export const getInstallScript = endpoint({
  method: 'GET',
  path: '/install.sh',
  summary: 'Get the script that installs the coder command.',
  access: open(reason),
  responses: { 200: Type.String() },
  raw: true,
})

export const getBinary = endpoint({
  method: 'GET',
  path: '/bin/:name',
  summary: 'Download the coder command for the platform of this deployment.',
  access: open(reason),
  params: Type.Object({ name: Type.String() }),
  responses: { 200: Type.Unknown() },
  raw: true,
})
