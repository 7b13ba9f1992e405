// Appearance of the deployment, set by administrators.

import type { FastifyInstance } from 'fastify'
import { getAppearance, type UpdateAppearance, updateAppearance } from '../../../api/deployment/appearance.ts'
import type { ServerContext } from '../../context.ts'
import { docsUrl } from '../../deployment/docs-url.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'
import { readSiteConfig, writeSiteConfig } from '../../site-configs.ts'

const defaultAppearance = {
  application_name: '',
  logo_url: '',
  service_banner: { enabled: false },
  announcement_banners: [],
}

export function registerAppearanceRoutes(app: FastifyInstance, { db }: ServerContext): void {
  serve(app, getAppearance, async () => {
    const appearance = await readSiteConfig(db, 'appearance', defaultAppearance)
    return {
      ...appearance,
      announcement_banners: [...appearance.announcement_banners],
      docs_url: docsUrl,
      support_links: [{ name: 'Documentation', target: docsUrl, icon: 'docs' as const }],
    }
  })

  serve(app, updateAppearance, async (request) => {
    authorize(request, 'update', { resource: 'deployment_config' })
    const { body } = request
    const banners = (body.announcement_banners ?? []).map(toBanner)
    const appearance = {
      application_name: body.application_name ?? '',
      logo_url: body.logo_url ?? '',
      service_banner: body.service_banner
        ? toBanner(body.service_banner)
        : (banners[0] ?? defaultAppearance.service_banner),
      announcement_banners: banners,
    }
    await writeSiteConfig(db, 'appearance', appearance)
    return appearance
  })
}

type BannerInput = NonNullable<UpdateAppearance['service_banner']>

function toBanner({ enabled = false, message, background_color: color }: BannerInput) {
  return { enabled, ...(message ? { message } : {}), ...(color ? { background_color: color } : {}) }
}
