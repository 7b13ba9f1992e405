// Prompts for a folder to open: the native dialog in the desktop app, a typed path in a browser. Mounted once by the shell.

import { useQuery } from '@tanstack/react-query'
import { createContext, type FormEvent, type ReactNode, useCallback, useContext, useState } from 'react'
import { thisComputerQuery } from '../api/local.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { TextField } from '../components/field.tsx'
import { desktop } from '../desktop.ts'
import { useStartOnThisComputer } from './open-folder.ts'

const FolderDialogContext = createContext<() => void>(() => undefined)

/** The action behind every "Open folder…". */
export const useFolderDialog = (): (() => void) => useContext(FolderDialogContext)

export function FolderDialogProvider({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  const { start } = useStartOnThisComputer()
  const open = useCallback(async () => {
    if (!desktop) return setOpen(true)
    const folder = await desktop.pickFolder()
    if (folder) await start(folder)
  }, [start])
  return (
    <FolderDialogContext.Provider value={open}>
      {children}
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title="Open a folder"
        description="Creates a workspace named after the folder and opens a terminal in it."
      >
        <FolderForm onDone={() => setOpen(false)} onChoose={start} />
      </Dialog>
    </FolderDialogContext.Provider>
  )
}

/** The first error of a typed path as a sentence; undefined if it is valid. */
function validateFolder(folder: string): string | undefined {
  if (folder === '') return 'Enter a folder.'
  const isAbsolute = /^([/~]|[A-Za-z]:[\\/]|\\\\)/.test(folder)
  return isAbsolute ? undefined : 'Enter the absolute path, starting with / or ~.'
}

function FolderForm({ onDone, onChoose }: { onDone: () => void; onChoose: (folder: string) => Promise<void> }) {
  const { data: computer } = useQuery(thisComputerQuery)
  const [folder, setFolder] = useState('')
  const [isTouched, setTouched] = useState(false)
  const problem = validateFolder(folder.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTouched(true)
    if (problem) return
    onDone()
    void onChoose(folder.trim().replace(/^~(?=$|[\\/])/, computer?.home ?? '~'))
  }
  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label="Folder"
        hint={computer ? `on ${computer.hostname}` : undefined}
        mono
        placeholder={computer ? `${computer.home}/…` : '/…'}
        value={folder}
        problem={isTouched ? problem : undefined}
        onChange={(event) => setFolder(event.target.value)}
      />
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button variant="primary" type="submit">
          Open folder
        </Button>
      </div>
    </form>
  )
}
