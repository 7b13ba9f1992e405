// Users and groups with a role each: a form that adds one, and a list in which the role can be changed or removed.

import { User, Users, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Field, inputClass } from './field.tsx'

export interface Subject {
  readonly kind: 'user' | 'group'
  readonly id: string
  readonly name: string
  readonly role: string
}

interface Role {
  readonly value: string
  readonly label: string
  readonly description: string
}

interface AccessListProps {
  title: string
  note?: string
  emptyText: string
  entries: readonly Subject[]
  /** Who can be added; entries are left out. */
  candidates: readonly Subject[]
  roles: readonly [Role, ...Role[]]
  isBusy: boolean
  /** An empty role removes the entry. */
  onChange: (subject: Subject, role: string) => void
}

export function AccessList({ title, note, emptyText, entries, candidates, roles, isBusy, onChange }: AccessListProps) {
  const present = new Set(entries.map(({ id }) => id))
  const addable = candidates.filter(({ id }) => !present.has(id))
  return (
    <Card title={title} note={note}>
      {addable.length > 0 && <AddForm addable={addable} roles={roles} isBusy={isBusy} onAdd={onChange} />}
      {entries.length === 0 ? (
        <p className="text-sm text-muted">{emptyText}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {entries.map((entry) => (
            <li key={entry.id} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 py-1">
              <SubjectIcon kind={entry.kind} />
              <span className="min-w-0 flex-1 truncate">{entry.name}</span>
              <RoleSelect
                label={`Role of ${entry.name}`}
                roles={roles}
                value={entry.role}
                onChange={(role) => onChange(entry, role)}
              />
              <Button
                variant="quiet"
                size="icon-small"
                aria-label={`Remove ${entry.name}`}
                disabled={isBusy}
                onClick={() => onChange(entry, '')}
              >
                <X className="size-4" aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const SubjectIcon = ({ kind }: Pick<Subject, 'kind'>) =>
  kind === 'group' ? (
    <Users className="size-4 shrink-0 text-muted" aria-label="Group" />
  ) : (
    <User className="size-4 shrink-0 text-muted" aria-label="User" />
  )

function AddForm({
  addable,
  roles,
  isBusy,
  onAdd,
}: {
  addable: readonly Subject[]
  roles: AccessListProps['roles']
  isBusy: boolean
  onAdd: (subject: Subject, role: string) => void
}) {
  const [chosenId, setChosenId] = useState('')
  const [role, setRole] = useState(roles[0].value)
  const chosen = addable.find(({ id }) => id === chosenId)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!chosen) return
    onAdd(chosen, role)
    setChosenId('')
  }
  return (
    <form onSubmit={submit} className="mb-4 flex flex-wrap items-end gap-3">
      <div className="min-w-0 flex-[1_1_200px]">
        <Field label="User or group">
          {(control) => (
            <select
              {...control}
              className={inputClass()}
              value={chosen ? chosenId : ''}
              onChange={(event) => setChosenId(event.target.value)}
            >
              <option value="">Choose…</option>
              {addable.map(({ id, kind, name }) => (
                <option key={id} value={id}>
                  {name}
                  {kind === 'group' ? ' (group)' : ''}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <RoleSelect label="Role" roles={roles} value={role} isDescribed onChange={setRole} />
      <Button type="submit" disabled={!chosen} busy={isBusy}>
        Add
      </Button>
    </form>
  )
}

interface RoleSelectProps {
  label: string
  roles: readonly Role[]
  value: string
  isDescribed?: boolean
  onChange: (role: string) => void
}

function RoleSelect({ label, roles, value, isDescribed = false, onChange }: RoleSelectProps) {
  return (
    <select
      aria-label={label}
      className={inputClass('w-auto! text-sm')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {roles.map((role) => (
        <option key={role.value} value={role.value}>
          {role.label}
          {isDescribed && `: ${role.description}`}
        </option>
      ))}
    </select>
  )
}
