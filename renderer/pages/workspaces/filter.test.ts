import { expect, test } from 'vitest'
import { createFixture } from '../../testing/fixtures.ts'
import { countMatches, filterWorkspaces } from './filter.ts'

const { workspaces } = createFixture('list')
const names = (text: string) => filterWorkspaces(workspaces, text, 'all').map(({ name }) => name)

test('each word must occur in the name, folder, template or state', () => {
  expect(names('SHOP')).toEqual(['brave-otter'])
  expect(names('stopped')).toEqual(['old-experiment'])
  expect(names('computer unhealthy')).toEqual(['docs'])
  expect(names('shop stopped')).toEqual([])
  expect(names('  ')).toHaveLength(workspaces.length)
})

test('failed and unhealthy workspaces need attention', () => {
  expect(filterWorkspaces(workspaces, '', 'attention').map(({ name }) => name)).toEqual(['docs', 'k8s-trial'])
  expect(countMatches(workspaces, 'running')).toBe(4)
})
