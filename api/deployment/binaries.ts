// The program of this deployment for other machines, under the name that Coder's clients ask for.

import { Type } from 'typebox'
import { endpoint, open } from '../endpoint.ts'

const reason = 'a machine fetches the program before it has any key'

export const listBinaries = endpoint({
  method: 'GET',
  path: '/bin/',
  summary: 'Lists the programs that this deployment has for other machines',
  access: open(reason),
  responses: { 200: Type.Array(Type.String()) },
})

export const getInstallScript = endpoint({
  method: 'GET',
  path: '/install.sh',
  summary: 'Gives the script that installs the coder command on another machine',
  access: open(reason),
  responses: { 200: Type.String() },
  raw: true,
})

export const getBinary = endpoint({
  method: 'GET',
  path: '/bin/:name',
  summary: 'Gives the coder command for another machine of the kind that this deployment runs on',
  access: open(reason),
  params: Type.Object({ name: Type.String() }),
  responses: { 200: Type.Unknown() },
  raw: true,
})
