// Delivers notifications by SMTP. The library is loaded on first use.

import { readFile } from 'node:fs/promises'
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import { isLoopbackHost } from '../../lib/loopback.ts'
import type { EmailConfig } from '../config.ts'
import { escapeHtml, toHtml, toPlainText } from './markdown.ts'
import { type Message, PermanentDeliveryError, type Send } from './message.ts'

export function createMailSender(email: EmailConfig, timeoutMs: number): Send {
  const { emailSmarthost: smarthost } = email
  if (!smarthost) throw new Error('no mail server is configured')
  return async (message) => {
    const { createTransport } = await import('nodemailer')
    const transport = createTransport(await createTransportOptions(email, smarthost, timeoutMs))
    try {
      await transport.sendMail({
        from: email.emailFrom,
        to: message.receiver.email,
        subject: toPlainText(message.title),
        text: renderText(message),
        html: renderHtml(message),
        headers: { 'x-coder-message-id': message.id },
      })
    } catch (error) {
      throw isRefusal(error)
        ? new PermanentDeliveryError(`The mail server rejected the message: ${error.message}`)
        : error
    } finally {
      transport.close()
    }
  }
}

async function createTransportOptions(
  email: EmailConfig,
  { host, port }: NonNullable<EmailConfig['emailSmarthost']>,
  timeoutMs: number,
): Promise<SMTPTransport.Options> {
  const [ca, cert, key] = await Promise.all(
    [email.emailTlsCaFile, email.emailTlsCertFile, email.emailTlsKeyFile].map(readIfSet),
  )
  // Credentials and messages to another machine need a verified connection; unencrypted ones are for loopback.
  const needsTls = email.emailStartTls || (email.emailAuthUsername !== '' && !isLoopbackHost(host))
  const password = email.emailAuthPassword || (await readIfSet(email.emailAuthPasswordFile))?.trim() || ''
  return {
    host,
    port,
    name: email.emailHello,
    secure: email.emailForceTls,
    requireTLS: needsTls,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    tls: {
      // Without required TLS, invalid certificates are accepted: better than an unencrypted connection.
      rejectUnauthorized: (email.emailForceTls || needsTls) && !email.emailTlsSkipVerify,
      ...(email.emailTlsServerName && { servername: email.emailTlsServerName }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    },
    ...(email.emailAuthUsername && { auth: { user: email.emailAuthUsername, pass: password } }),
  }
}

const readIfSet = async (file: string) => (file === '' ? undefined : await readFile(file, 'utf8'))

/** The server permanently rejected this message. */
function isRefusal(error: unknown): error is Error {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number }
  return code === 'EENVELOPE' && responseCode >= 500
}

function renderText({ receiver, body, actions }: Message): string {
  const links = actions.map(({ label, url }) => `${label}: ${url}`)
  return [`Hello ${receiver.name || receiver.username},`, toPlainText(body), ...links].join('\n\n')
}

function renderHtml({ receiver, title, body, actions }: Message): string {
  const links = actions.map(({ label, url }) => `<p><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></p>`)
  const greeting = `<p>Hello ${escapeHtml(receiver.name || receiver.username)},</p>`
  const head = `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(toPlainText(title))}</title></head>`
  return `${head}<body>${greeting}\n${toHtml(body)}\n${links.join('\n')}</body></html>`
}
