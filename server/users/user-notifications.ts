// Notifications about account changes, to user administrators and the affected user.

import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { notify, userIdsWithRole } from '../notifications/notify.ts'
import type { Principal } from '../policy/policy.ts'

export type AccountChange = 'created' | 'deleted' | 'suspended' | 'activated'

/** @param tx transaction of the change */
export async function notifyUserChange(
  tx: Db,
  by: Principal,
  change: AccountChange,
  user: Row<'users'>,
): Promise<void> {
  const admins = await userIdsWithRole(tx, ['owner', 'user-admin'])
  // Includes the initiator, whose webhook may depend on the notification.
  const to = admins.filter((id) => id !== user.id)
  const [name, fullName, initiator] = [user.username, user.name || user.username, by.username]
  const data = { user: { id: user.id, name: user.name, email: user.email } }
  const about = { data, targets: [user.id], createdBy: 'users' }
  switch (change) {
    case 'created': {
      const labels = { created_account_name: name, created_account_user_name: fullName, initiator }
      return await notify(tx, { ...about, template: 'userAccountCreated', to, labels })
    }
    case 'deleted': {
      const labels = { deleted_account_name: name, deleted_account_user_name: fullName, initiator }
      return await notify(tx, { ...about, data: {}, template: 'userAccountDeleted', to, labels })
    }
    case 'suspended': {
      const labels = { suspended_account_name: name, suspended_account_user_name: fullName, initiator }
      await notify(tx, { ...about, template: 'userAccountSuspended', to, labels })
      return await notify(tx, { ...about, template: 'yourAccountSuspended', to: user.id, labels })
    }
    case 'activated': {
      const labels = { activated_account_name: name, activated_account_user_name: fullName, initiator }
      await notify(tx, { ...about, template: 'userAccountActivated', to, labels })
      return await notify(tx, { ...about, template: 'yourAccountActivated', to: user.id, labels })
    }
  }
}
