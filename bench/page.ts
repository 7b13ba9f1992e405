// The dashboard's terminal compared with a page of xterm alone, in a real browser: time from a keystroke to its painted
// echo, and throughput of a flood. Uses the DOM renderer, whose text scripts can read.

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { listTerminals } from '../api/agents/terminals.ts'
import { listWorkspaces } from '../api/workspaces/workspaces.ts'
import { drawInDom, signInPage, terminalOf, typeInTerminal } from '../e2e/support/pages.ts'
import { chromiumArguments, findChromium } from '../scripts/test-browsers.mjs'
import { serveBarePage } from './bare-page.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { openPlainBrowser, type PlainPage } from './plain-browser.ts'

// Echoes each byte immediately, until it is interrupted.
const echoing = 'stty raw -echo isig; printf ready; cat'
const samplesPerTurn = 50
const turns = 4
const paintMs = 4

const floodLine = `${'The quick brown fox jumps over the lazy dog. '.repeat(2)}0123456789\n`
const floodLines = 200_000
// The terminal converts line ends to CR LF.
const floodBytes = floodLines * (floodLine.length + 1)
const pieceLines = 320
const minShare = 0.8
// Rounds until V8 has compiled the hot code; not counted.
const warmUpRounds = 5
const floodRounds = 9

const viewport = { width: 1200, height: 800 }

export async function measurePage(fixture: Fixture): Promise<Figure[]> {
  const executable = findChromium()
  if (!executable) throw new Error('Chromium not found. On Debian: `apt-get install chromium`.')
  return [...(await measurePaint(executable, fixture)), await measureFlood(executable, fixture)]
}

async function measurePaint(executablePath: string, fixture: Fixture): Promise<Figure[]> {
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments, drawInDom] })
  const bare = await serveBarePage(echoing)
  try {
    const dashboard = await openDashboard(browser, fixture)
    const size = await sizeOfNewest(fixture)
    const alone = await browser.newPage({ viewport })
    await alone.goto(`${bare.url}?cols=${size.cols}&rows=${size.rows}`)
    return paintFigures(await measureBoth(alone, dashboard))
  } finally {
    await bare.close()
    await browser.close()
  }
}

async function openDashboard(browser: Browser, fixture: Fixture): Promise<Page> {
  const page = await browser.newPage({ viewport })
  await signInPage(page, fixture.deployment)
  await page.goto(await terminalAddress(fixture))
  await page.locator('[data-terminal-state=live]').waitFor()
  return page
}

/** Uses a new session, because other benchmarks leave theirs. */
async function terminalAddress({ deployment, client }: Fixture): Promise<string> {
  const { workspaces } = await client.call(listWorkspaces, { query: {} })
  const workspace = workspaces.find(({ name }) => name === 'bench')
  if (!workspace) throw new Error('There is no workspace named bench.')
  return `${deployment.url}/@${workspace.owner_name}/bench/terminal?reconnect=${randomUUID()}`
}

async function sizeOfNewest({ client, agent }: Fixture): Promise<{ cols: number; rows: number }> {
  const { terminals } = await client.call(listTerminals, { params: { workspaceagent: agent.id } })
  const [newest] = terminals.sort((a, b) => b.created_at.localeCompare(a.created_at))
  if (!newest) throw new Error('The page opened no session.')
  return newest
}

interface Samples {
  readonly bare: number[]
  readonly ours: number[]
}

/** Alternating, so that other load affects both equally. */
async function measureBoth(bare: Page, ours: Page): Promise<Samples> {
  await waitForText(bare, 'ready')
  await typeInTerminal(ours, `${echoing}\n`)
  await waitForText(ours, 'catready')
  const samples: Samples = { bare: [], ours: [] }
  for (let turn = 0; turn < turns; turn++) {
    samples.bare.push(...(await paint(bare)))
    samples.ours.push(...(await paint(ours)))
  }
  return samples
}

async function waitForText(page: Page, text: string | RegExp): Promise<void> {
  await expect(terminalOf(page)).toContainText(text, { timeout: 30_000 })
}

/** Milliseconds from key presses to the DOM change, just before painting. */
async function paint(page: Page): Promise<number[]> {
  await page.bringToFront()
  await page.locator('.xterm-helper-textarea').focus()
  const samples: number[] = []
  for (let sample = 0; sample < samplesPerTurn; sample++) {
    await page.evaluate(() => {
      const rows = document.querySelector('.xterm-rows') as HTMLElement
      const count = () => rows.textContent?.split('x').length ?? 0
      const before = count()
      const painted = new Promise<number>((resolve) => {
        let pressedAt = 0
        addEventListener('keydown', () => (pressedAt = performance.now()), { once: true, capture: true })
        const observer = new MutationObserver(() => {
          if (count() === before) return
          observer.disconnect()
          resolve(performance.now() - pressedAt)
        })
        observer.observe(rows, { subtree: true, childList: true, characterData: true })
      })
      Object.assign(window, { painted })
    })
    await page.keyboard.press('x')
    samples.push(await page.evaluate(() => (window as unknown as { painted: Promise<number> }).painted))
    // Varies the offset of the next key within a frame.
    await sleep(Math.random() * 30)
  }
  return samples
}

function paintFigures({ bare, ours }: Samples): Figure[] {
  const toFigure = (share: number): Figure => {
    const reference = percentile(bare, share)
    return {
      name: `keystroke to paint p${share * 100}`,
      value: percentile(ours, share),
      limit: reference + paintMs,
      unit: 'ms',
      basis: `bare xterm page ${reference.toFixed(1)} + ${paintMs}`,
    }
  }
  return [toFigure(0.5), toFigure(0.95)]
}

/** Without Playwright, which duplicates every WebSocket frame (plain-browser.ts). */
async function measureFlood(executable: string, fixture: Fixture): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-flood-'))
  const file = join(folder, 'flood.txt')
  writeFileSync(file, floodLine.repeat(floodLines))
  const browser = await openPlainBrowser(executable, viewport, [drawInDom])
  const bareServer = await serveBarePage(echoing)
  const rates: Samples = { bare: [], ours: [] }
  try {
    const ours = await browser.open(await fixture.deployment.link())
    await ours.until("document.querySelector('nav')")
    await ours.go(await terminalAddress(fixture))
    await ours.until("document.querySelector('[data-terminal-state=live]')")
    const { cols, rows } = await sizeOfNewest(fixture)
    const bare = await browser.open(`${bareServer.url}?cols=${cols}&rows=${rows}`)
    await bare.until("document.querySelector('.xterm-rows')?.textContent.includes('ready')")
    for (let round = 0; round < warmUpRounds + floodRounds; round++) {
      const bareRate = await parseBare(bare)
      const rate = await flood(ours, `clear; cat ${file}; printf 'flood-%s\\n' ${round}`, `flood-${round}`)
      if (round < warmUpRounds) continue
      rates.bare.push(bareRate)
      rates.ours.push(rate)
    }
  } finally {
    await bareServer.close()
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const reference = median(rates.bare)
  return {
    name: 'flood of 20 MB in the page',
    value: median(rates.ours),
    limit: reference * minShare,
    isAtLeast: true,
    unit: 'MB/s',
    basis: `bare xterm page ${reference.toFixed(1)} MB/s × ${minShare}`,
  }
}

/** @returns MB/s of xterm alone, without a connection. */
async function parseBare(page: PlainPage): Promise<number> {
  await page.bringToFront()
  const piece = JSON.stringify(floodLine.replace('\n', '\r\n').repeat(pieceLines))
  const tookMs = await page.evaluate<number>(`parse(${piece}, ${floodLines / pieceLines})`)
  return floodBytes / 1000 / tookMs
}

/** @returns MB/s from the start of the command to its end on the screen. */
async function flood(page: PlainPage, command: string, end: string): Promise<number> {
  await page.bringToFront()
  await page.evaluate("document.querySelector('.xterm-helper-textarea').focus()")
  await page.type(command)
  // Starts listening before the key is sent, because the two use different channels.
  await page.evaluate(`void (window.flooded = new Promise((resolve) => {
    let pressedAt = 0
    addEventListener('keydown', () => (pressedAt = performance.now()), { once: true, capture: true })
    const observer = new MutationObserver(() => {
      const rows = [...document.querySelectorAll('.xterm-rows > div')]
      if (!rows.some((row) => row.textContent.trim() === '${end}')) return
      observer.disconnect()
      resolve(performance.now() - pressedAt)
    })
    observer.observe(document.body, { subtree: true, childList: true, characterData: true })
  }))`)
  await page.pressEnter()
  return floodBytes / 1000 / (await page.evaluate<number>('flooded'))
}
