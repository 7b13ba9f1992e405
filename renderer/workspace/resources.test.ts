import { expect, test } from 'vitest'
import type { WorkspaceResource } from '../../api/workspaces/builds.ts'
import { getDeletionEffects } from './resources.ts'

const resource = (type: string, name: string, transition: 'start' | 'stop'): WorkspaceResource => ({
  id: `${type}.${name}.${transition}`,
  created_at: '2026-11-24T12:00:00Z',
  job_id: 'job',
  workspace_transition: transition,
  type,
  name,
  hide: false,
  icon: '',
  daily_cost: 0,
})

test('deleting a workspace on this computer keeps its files', () => {
  expect(getDeletionEffects([resource('host_process', 'agent', 'start')])).toEqual({ lostData: [], keepsFiles: true })
})

test('a persistent resource is lost on deletion and is listed once', () => {
  const volume = [resource('docker_volume', 'home', 'start'), resource('docker_volume', 'home', 'stop')]
  expect(getDeletionEffects([...volume, resource('docker_container', 'dev', 'start')])).toEqual({
    lostData: ['docker_volume.home'],
    keepsFiles: false,
  })
})

test('files are reported as kept only for a template with resources of this computer', () => {
  expect(getDeletionEffects([resource('terraform_data', 'x', 'start')])).toEqual({ lostData: [], keepsFiles: false })
})
