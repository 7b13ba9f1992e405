import { expect, test } from 'vitest'
import { buildSection, readSectionOptions, replaceSection } from './ssh-config-section.ts'

const section = (user: readonly string[] = []) =>
  buildSection([{ pattern: 'coder.*', proxyCommand: 'coder ssh --stdio %h' }], [...user, 'LogLevel ERROR'], {
    sshOption: user,
  })

test('the section is appended, and replaced where it is, without changes to other text', () => {
  const mine = 'Host other\n  Port 22\n'
  const added = replaceSection(mine, section())
  expect(added).toBe(`${mine}\n${section()}`)
  const surrounded = `${added}\nHost last\n  Port 23\n`
  const changed = replaceSection(surrounded, section(['ForwardAgent=yes']))
  expect(changed).toBe(`${mine}\n${section(['ForwardAgent=yes'])}\nHost last\n  Port 23\n`)
  expect(replaceSection(changed, section())).toBe(surrounded)
  expect(replaceSection('', section())).toBe(section())
})

test('earlier options have precedence, and repeatable ones are all kept', () => {
  const text = section(['loglevel DEBUG', 'SendEnv = A', 'SendEnv B'])
  expect(text).toContain(
    'Host coder.*\n  loglevel DEBUG\n  SendEnv A\n  SendEnv B\n  ProxyCommand coder ssh --stdio %h\n',
  )
  expect(readSectionOptions(text)).toEqual({ sshOption: ['loglevel DEBUG', 'SendEnv = A', 'SendEnv B'] })
  expect(readSectionOptions('Host other\n')).toBeUndefined()
})

test('a damaged section and an invalid option are errors', () => {
  const [first = ''] = section().split('\n')
  expect(() => replaceSection(`${first}\nHost x\n`, section())).toThrow('is incomplete')
  expect(() => replaceSection(section() + section(), section())).toThrow('several times')
  expect(() => section(['ForwardAgent'])).toThrow('The SSH option "ForwardAgent" is not valid.')
})
