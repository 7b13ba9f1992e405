// Appearance of the deployment: name, logo, banners.

import { type Static, Type } from 'typebox'
import { oneOf } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'

const Banner = Type.Object({
  enabled: Type.Boolean(),
  message: Type.Optional(Type.String()),
  background_color: Type.Optional(Type.String()),
})

export const Appearance = Type.Object({
  application_name: Type.String(),
  logo_url: Type.String(),
  docs_url: Type.String(),
  /** The first announcement, for clients that support only one. */
  service_banner: Banner,
  announcement_banners: Type.Array(Banner),
  support_links: Type.Array(
    Type.Object({
      name: Type.String(),
      target: Type.String(),
      icon: oneOf(['bug', 'chat', 'docs', 'star']),
    }),
  ),
})
export type Appearance = Static<typeof Appearance>

const NewBanner = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  message: Type.Optional(Type.String({ maxLength: 4096 })),
  background_color: Type.Optional(Type.String({ pattern: '^(#[0-9a-fA-F]{6})?$' })),
})

export const UpdateAppearance = Type.Object({
  application_name: Type.Optional(Type.String({ maxLength: 256 })),
  logo_url: Type.Optional(Type.String({ maxLength: 65_536 })),
  service_banner: Type.Optional(NewBanner),
  announcement_banners: Type.Optional(Type.Array(NewBanner, { maxItems: 64 })),
})
export type UpdateAppearance = Static<typeof UpdateAppearance>

export const UpdatedAppearance = Type.Object({
  application_name: Type.String(),
  logo_url: Type.String(),
  service_banner: Banner,
  announcement_banners: Type.Array(Banner),
})

export const getAppearance = endpoint({
  method: 'GET',
  path: '/api/v2/appearance',
  summary: 'Get the appearance of the deployment.',
  access: open('the sign-in page has the same appearance'),
  responses: { 200: Appearance },
})

export const updateAppearance = endpoint({
  method: 'PUT',
  path: '/api/v2/appearance',
  summary: 'Update the appearance of the deployment.',
  access: user('update', 'deployment_config'),
  body: UpdateAppearance,
  responses: { 200: UpdatedAppearance },
})
