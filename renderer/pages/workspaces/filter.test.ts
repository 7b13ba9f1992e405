import { expect, test } from 'vitest'
import { createScene } from '../../testing/scenes.ts'
import { countChip, filterWorkspaces } from './filter.ts'

const { workspaces } = createScene('list')
const names = (text: string) => filterWorkspaces(workspaces, text, 'all').map(({ name }) => name)

test('every word has to be found, in the name, the folder, the template or the state', () => {
  expect(names('SHOP')).toEqual(['brave-otter'])
  expect(names('stopped')).toEqual(['old-experiment'])
  expect(names('computer unhealthy')).toEqual(['docs'])
  expect(names('shop stopped')).toEqual([])
  expect(names('  ')).toHaveLength(workspaces.length)
})

test('what needs attention is what failed and what runs but is not well', () => {
  expect(filterWorkspaces(workspaces, '', 'attention').map(({ name }) => name)).toEqual(['docs', 'k8s-trial'])
  expect(countChip(workspaces, 'running')).toBe(4)
})
