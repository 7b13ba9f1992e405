// `random_pet`: names of readable words, such as `calm-otter`.

import { randomInt } from 'node:crypto'
import type { ResourceType } from '../../provider.ts'
import { computed, num, optional, optionalComputed, text } from '../../provider-schema.ts'
import { numberField, textField } from '../../values/fields.ts'
import { int, string } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'
import { keepers, requireAtLeast } from './keepers.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const adverbs = words(`
  absolutely actively basically boldly briefly brightly briskly calmly carefully cheerfully clearly closely commonly
  constantly correctly curiously daily deeply directly duly early easily eagerly equally evenly exactly fairly firmly
  freely fully generally gently gladly globally gracefully happily honestly ideally instantly jointly keenly kindly
  largely lightly likely logically loudly loyally mainly mildly mostly mutually naturally neatly newly nicely openly
  orderly partly patiently perfectly plainly politely promptly properly purely quickly quietly rapidly rarely readily
  really regularly rightly safely shortly silently simply smoothly softly solely steadily strictly strongly suddenly
  surely swiftly truly uniquely usually vastly vividly warmly weekly wholly widely willingly wisely`)

const adjectives = words(`
  able active agile alert amber ample apt balanced bold brave brief bright brisk busy calm capable careful casual clean
  clear clever close cool cosmic crisp curious daring dear decent deep divine driven eager early easy elegant endless
  eternal exact fair famous fancy fast fine firm fit fluent fond frank free fresh fun gentle giant glad golden good grand
  great green happy handy hardy honest huge humble ideal immense joint keen key kind large light live lively logical loyal
  lucid lucky magic major mellow merry mighty mint modest moral musical native neat new nice noble normal novel open
  optimal patient perfect polite precise prime proper proud pure quick quiet rapid rare ready refined regular relaxed rich
  robust sacred safe sharp simple sincere skilled smart smooth social solid sound special stable star steady stirring
  strong sunny super sure sweet swift tender tidy top touched tough true trusty unified unique upright useful valid
  vast verified vital vocal warm whole wise witty wondrous worthy`)

const animals = words(`
  aardvark albatross alpaca ant antelope badger bat bear beaver bee beetle bird bison boar buffalo bull camel cardinal
  caribou cat chamois chipmunk cicada clam cobra cod condor coral cougar cow coyote crab crane cricket crow deer
  dingo dog dolphin donkey dove dragonfly drake duck eagle eel egret elephant elk emu ermine falcon fawn ferret finch fish
  flamingo fly foal fowl fox frog gator gazelle gecko gelding gibbon giraffe gnat goat goose gopher goshawk grouse grub
  gull hamster hare hawk hedgehog hen heron herring hippo hog hornet horse hound husky ibex iguana impala jackal jaguar
  jay kangaroo kid kite kitten kiwi koala krill ladybug lamb lark lemming lemur leopard liger lion lizard llama
  lobster longhorn louse lynx macaw magpie mako mallard mammoth manatee mantis marlin marmot marten martin mastiff mink
  minnow mite mole mongoose monitor moose moth mouse mule muskox narwhal newt ocelot octopus opossum orca oriole osprey
  ostrich otter owl ox oyster panda pangolin panther parrot peacock pelican penguin perch pheasant pig pigeon pika
  piranha platypus polecat pony porpoise possum prawn puffin pug puma pup python quagga quail rabbit raccoon ram raptor
  raven ray redfish reindeer rhino robin rooster sailfish salmon sawfish seagull seahorse seal shark sheep shrew
  shrimp skink skunk skylark sloth slug snail snake snipe sparrow spider sponge squid squirrel stag stallion starfish
  stork stud sturgeon sunbird swan swift tadpole tapir tarpon teal termite tern terrapin tetra thrush tick tiger toad
  tomcat tortoise toucan treefrog trout tuna turkey turtle urchin viper vulture wallaby walleye walrus warbler warthog
  wasp weasel whale whippet wildcat wolf wombat worm wren yak zebra`)

const pick = (from: readonly string[]) => from[randomInt(from.length)] as string

/** One word is an animal, two have an adjective before it, more have adverbs before that. */
function petName(length: number, separator: string): string {
  const before = length < 2 ? [] : [...Array.from({ length: length - 2 }, () => pick(adverbs)), pick(adjectives)]
  return [...before, pick(animals)].join(separator)
}

export const randomPet: ResourceType = generatedResource({
  attributes: {
    id: computed(text),
    keepers,
    length: optionalComputed(num),
    prefix: optional(text),
    separator: optionalComputed(text),
  },
  defaults: { length: int(2), separator: string('-') },
  validate: (config) => requireAtLeast(config, 'length', 1),
  generate(planned) {
    const separator = textField(planned, 'separator') ?? '-'
    const prefix = textField(planned, 'prefix')
    const name = petName(Math.min(numberField(planned, 'length') ?? 2, 1000), separator)
    return { id: string(prefix ? prefix + separator + name : name) }
  },
})
