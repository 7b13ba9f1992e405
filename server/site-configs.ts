// Deployment-wide values in the table `site_configs`: JSON, by name.

import type { Db } from './database/connect.ts'

interface SiteConfigs {
  notifications_settings: { readonly notifier_paused: boolean }
  health_settings: { readonly dismissed_healthchecks: readonly string[] }
  failed_builds_report: { readonly reported_at: string | null }
  prebuilds_settings: { readonly reconciliation_paused: boolean }
  appearance: {
    readonly application_name: string
    readonly logo_url: string
    readonly service_banner: Banner
    readonly announcement_banners: readonly Banner[]
  }
}

interface Banner {
  readonly enabled: boolean
  readonly message?: string
  readonly background_color?: string
}

/** @param fallback returned if no value is stored */
export async function readSiteConfig<Name extends keyof SiteConfigs>(
  db: Db,
  name: Name,
  fallback: SiteConfigs[Name],
): Promise<SiteConfigs[Name]> {
  const row = await db.selectFrom('site_configs').select('value').where('key', '=', name).executeTakeFirst()
  return row ? (JSON.parse(row.value) as SiteConfigs[Name]) : fallback
}

export async function writeSiteConfig<Name extends keyof SiteConfigs>(
  tx: Db,
  name: Name,
  value: SiteConfigs[Name],
): Promise<void> {
  const text = JSON.stringify(value)
  await tx
    .insertInto('site_configs')
    .values({ key: name, value: text })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
    .execute()
}
