/**
 * Who may do what and who sees what, written by hand. Nothing is imported here, least of all from what is judged: a
 * mistake in the server's own tables must not be able to repeat itself.
 *
 * How to add a cell: `# …` names the columns (people and keys of `principals.ts`), `@ …` the rows that follow apply to
 * (a command as it is in `acts.ts`, an endpoint, a thing to be seen), then one line for each condition of the record.
 * A block may have columns of its own, so that a new principal gets a new block and leaves the others alone; `@ *`
 * stands for every row that has no cell in that column.
 *
 * s… are limited to the branch South, nTeam to no branch at all; the others belong to no branch in particular. Keys are
 * called by what their one scope is for: B batches, D the directory, P people. What no line here gives to a key, no key
 * may.
 */

/**
 * Commands. `+` done; `x` forbidden; `?` answered as if the record were not there; `~` may, and a rule refuses it for
 * another reason (the record is archived, or of another version); `!` not a command that anybody may send.
 */
export const commandCells = `
#               admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam

@ organization.create session.start session.renew link.settle
@ batch.markBreached batch.archive message.claim message.settle batch.erase message.erase
any               x    x   x     x      x       x        x     x     x      x       x        x        x

@ link.use
any               !    !   !     !      !       !        !     !     !      !       !        !        !
@ person.invite
another           !    !   !     !      !       !        !     !     !      !       !        !        !
@ person.spendRecoveryCode person.followProvider
any               x    x   x     x      x       x        x     x     x      x       x        x        x
@ person.setPassword link.create person.enrolSecondFactor person.dropSecondFactor person.renewRecoveryCodes
self              !    !   !     !      !       !        !     !     !      !       !        !        !
another           !    !   !     !      !       !        !     !     !      !       !        !        !

@ organization.edit
own               ~    x   x     x      x       x        ~     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x

@ organization.setWipLimit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x

@ branch.create
new               +    x   x     x      x       x        x     x     x      x       x        x        x
@ branch.edit
north             ~    x   x     x      x       x        ?     x     x      x       x        x        x
south             ~    x   x     x      x       x        ~     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x

@ customer.create center.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
@ customer.edit center.edit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
unknown           ?    ?   x     x      x       x        ?     ?     x      x       x        x        x

@ customer.eraseContacts vendor.eraseContacts
own               +    x   x     x      x       x        +     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x

@ branch.archive branch.restore branch.merge
own               +    x   x     x      x       x        ?     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ branch.merge
into-other        ~    x   x     x      x       x        ?     x     x      x       x        x        x

@ warehouse.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
north             +    +   x     x      x       x        x     x     x      x       x        x        x
south             +    +   x     x      x       x        +     +     x      x       x        x        x
at-other          ~    ~   x     x      x       x        ~     ~     x      x       x        x        x
@ warehouse.edit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
north             +    +   x     x      x       x        ?     ?     x      x       x        x        x
south             +    +   x     x      x       x        +     +     x      x       x        x        x
south-to-north    +    +   x     x      x       x        x     x     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
unknown           ?    ?   x     x      x       x        ?     ?     x      x       x        x        x

@ vendor.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
@ vendor.edit vendor.archive vendor.restore vendor.merge customer.archive customer.restore customer.merge
@ center.archive center.restore center.merge warehouse.archive warehouse.restore warehouse.merge
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
unknown           ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
@ vendor.merge customer.merge center.merge warehouse.merge
into-other        ~    ~   x     x      x       x        ~     ~     x      x       x        x        x
@ customer.merge
north-batch       +    +   x     x      x       x        x     x     x      x       x        x        x
south-batch       +    +   x     x      x       x        +     +     x      x       x        x        x

@ team.create
new               +    x   x     x      x       x        +     x     x      x       x        x        x
@ team.edit team.archive team.restore team.merge
own               +    x   x     x      x       x        +     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ team.merge
into-other        ~    x   x     x      x       x        ~     x     x      x       x        x        x

@ part.create
new               +    +   +     x      x       x        +     +     +      x       x        x        +
@ part.edit part.archive part.restore
own               +    +   +     x      x       x        +     +     +      x       x        x        +
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?

@ person.create
north             +    x   x     x      x       x        x     x     x      x       x        x        x
south             +    x   x     x      x       x        +     x     x      x       x        x        x
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x
at-other          ~    x   x     x      x       x        ~     x     x      x       x        x        x
@ person.edit
self              ~    x   x     x      x       x        ~     x     x      x       x        x        x
north             +    x   x     x      x       x        ?     x     x      x       x        x        x
south             +    x   x     x      x       x        +     x     x      x       x        x        x
both              +    x   x     x      x       x        x     x     x      x       x        x        x
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x
south-inactive    +    x   x     x      x       x        +     x     x      x       x        x        x
south-to-all      +    x   x     x      x       x        x     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ person.erase
self              ~    x   x     x      x       x        ~     x     x      x       x        x        x
north             +    x   x     x      x       x        ?     x     x      x       x        x        x
south             +    x   x     x      x       x        +     x     x      x       x        x        x
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ person.removeSecondFactor
self              x    x   x     x      x       x        x     x     x      x       x        x        x
north             ~    x   x     x      x       x        ?     x     x      x       x        x        x
south             ~    x   x     x      x       x        ~     x     x      x       x        x        x
everywhere        ~    x   x     x      x       x        x     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ person.editProfile
self              ~    ~   ~     ~      ~       x        ~     ~     ~      ~       ~        x        ~
north             +    x   x     ?      x       x        ?     ?     ?      ?       ?        x        ?
south             +    x   x     ?      x       x        +     x     x      ?       x        x        ?
everywhere        +    x   x     ?      x       x        x     x     x      ?       x        x        x
other             ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
unknown           ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?

@ link.revoke
self              +    x   x     x      x       x        +     x     x      x       x        x        x
north             +    x   x     x      x       x        ?     x     x      x       x        x        x
south             +    x   x     x      x       x        +     x     x      x       x        x        x
everywhere        +    x   x     x      x       x        ?     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x

@ session.end
self              +    +   +     +      +       x        +     +     +      +       +        x        +
north             +    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
south             +    ?   ?     ?      ?       x        +     ?     ?      ?       ?        x        ?
everywhere        +    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
other             ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
unknown           ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
@ session.endAll
self              +    +   +     +      +       x        +     +     +      +       +        x        +
self-with-others  ~    ~   ~     ~      ~       x        ~     ~     ~      ~       ~        x        ~
north             +    x   x     ?      x       x        ?     ?     ?      ?       ?        x        ?
south             +    x   x     ?      x       x        +     x     x      ?       x        x        ?
everywhere        +    x   x     ?      x       x        x     x     x      ?       x        x        x
other             ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?
unknown           ?    ?   ?     ?      ?       x        ?     ?     ?      ?       ?        x        ?

@ batch.create
north             +    +   +     x      x       x        x     x     x      x       x        x        x
south             +    +   +     x      x       x        +     +     +      x       x        x        x
at-other          ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~

@ batch.edit batch.assignDriver batch.addParts batch.removeParts batch.correctPart batch.settleParts batch.restoreParts
@ batch.split batch.seal batch.handOver batch.takeBack batch.cancel batch.logCall batch.notifyCustomer
north             +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south             +    +   +     x      x       x        +     +     +      x       x        x        ?
north-driver      +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south-sDriver     +    +   +     x      x       x        +     +     +      x       x        x        ?
north-sDriver     +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
north-archived    ~    ~   ~     x      x       x        ?     ?     ?      x       x        x        ?
south-archived    ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ?
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
@ batch.edit
south-to-north    +    +   +     x      x       x        x     x     x      x       x        x        ?
@ batch.edit batch.assignDriver
to-other          ~    ~   ~     x      x       x        ?     ?     ?      x       x        x        ?

@ batch.moveDueDate
north             +    +   x     x      x       x        ?     ?     x      x       x        x        x
south             +    +   x     x      x       x        +     +     x      x       x        x        x
north-driver      +    +   x     x      x       x        ?     ?     x      x       x        x        x
south-sDriver     +    +   x     x      x       x        +     +     x      x       x        x        x
north-sDriver     +    +   x     x      x       x        ?     ?     x      x       x        x        x
north-archived    ~    ~   x     x      x       x        ?     ?     x      x       x        x        x
south-archived    ~    ~   x     x      x       x        ~     ~     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
unknown           ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
@ batch.reopen
north             +    +   x     x      x       x        ?     ?     x      x       x        x        x
south             +    +   x     x      x       x        +     +     x      x       x        x        x
north-driver      +    +   x     x      x       x        ?     ?     x      x       x        x        x
south-sDriver     +    +   x     x      x       x        +     +     x      x       x        x        x
north-sDriver     +    +   x     x      x       x        ?     ?     x      x       x        x        x
north-archived    +    +   x     x      x       x        ?     ?     x      x       x        x        x
south-archived    +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
unknown           ?    ?   x     x      x       x        ?     ?     x      x       x        x        x

@ batch.depart batch.arrive batch.departBack batch.complete
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
north-driver      +    +   +     +      x       x        ?     ?     ?      ?       x        x        ?
south-sDriver     +    +   +     ?      x       x        +     +     +      +       x        x        ?
north-sDriver     +    +   +     ?      x       x        ?     ?     ?      +       x        x        ?
north-archived    ~    ~   ~     ?      x       x        ?     ?     ?      ?       x        x        ?
south-archived    ~    ~   ~     ?      x       x        ~     ~     ~      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?

@ batch.addNote
north             +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?
south             +    +   +     x      +       x        +     +     +      x       +        x        ?
north-driver      +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?
south-sDriver     +    +   +     x      +       x        +     +     +      x       +        x        ?
north-sDriver     +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?
north-archived    ~    ~   ~     x      ~       x        ?     ?     ?      x       ?        x        ?
south-archived    ~    ~   ~     x      ~       x        ~     ~     ~      x       ~        x        ?
other             ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?
unknown           ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?

@ message.sendAgain
north             +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south             +    +   +     x      x       x        +     +     +      x       x        x        ?
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?

@ template.create
north             +    +   +     x      x       x        x     x     x      x       x        x        x
south             +    +   +     x      x       x        +     +     +      x       x        x        x
at-other          ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~
@ template.edit template.archive
north             +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south             +    +   +     x      x       x        +     +     +      x       x        x        ?
south-archived    ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
@ template.edit
south-to-north    +    +   +     x      x       x        x     x     x      x       x        x        ?

@ savedView.create
new               +    +   +     x      x       x        +     +     +      x       x        x        +
@ savedView.edit savedView.archive
mine              +    +   +     x      x       x        +     +     +      x       x        x        +
another           +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?

@ apiKey.create
any               !    !   !     !      !       !        !     !     !      !       !        !        !
@ apiKey.edit apiKey.revoke
north             +    x   x     x      x       x        ?     x     x      x       x        x        x
south             +    x   x     x      x       x        +     x     x      x       x        x        x
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ apiKey.edit
south-to-all      +    x   x     x      x       x        x     x     x      x       x        x        x

@ route.create
north             +    +   +     x      x       x        x     x     x      x       x        x        x
south             +    +   +     x      x       x        +     +     +      x       x        x        x
at-other          ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~
with-other-driver ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~
south-with-north-batch + + +     x      x       x        ~     ~     ~      x       x        x        ~
with-other-batch  ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~
@ route.plan
south-with-north-batch + + +     x      x       x        ~     ~     ~      x       x        x        ?
with-other-batch  ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ?
@ route.assign
to-other          ~    ~   ~     x      x       x        ?     ?     ?      x       x        x        ?

@ route.edit route.assign route.plan route.cancel route.resolve
north             +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south             +    +   +     x      x       x        +     +     +      x       x        x        ?
north-driver      +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
south-sDriver     +    +   +     x      x       x        +     +     +      x       x        x        ?
north-sDriver     +    +   +     x      x       x        ?     ?     ?      x       x        x        ?
north-former-driver + +    +     x      x       x        ?     ?     ?      x       x        x        ?
north-archived    ~    ~   ~     x      x       x        ?     ?     ?      x       x        x        ?
south-archived    ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ?
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
unknown           ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?

@ route.arrive route.depart route.skip route.pickUp route.handOver route.finish route.report
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
north-driver      +    +   +     +      x       x        ?     ?     ?      ?       x        x        ?
south-sDriver     +    +   +     ?      x       x        +     +     +      +       x        x        ?
north-sDriver     +    +   +     ?      x       x        ?     ?     ?      +       x        x        ?
@ route.arrive route.depart route.skip route.pickUp route.handOver route.finish
north-former-driver + +    +     ?      x       x        ?     ?     ?      ?       x        x        ?
@ route.report
north-former-driver + +    +     +      x       x        ?     ?     ?      ?       x        x        ?
@ route.start
north             ~    ~   ~     ?      x       x        ?     ?     ?      ?       x        x        ?
south             ~    ~   ~     ?      x       x        ~     ~     ~      ?       x        x        ?
north-driver      ~    ~   ~     ~      x       x        ?     ?     ?      ?       x        x        ?
south-sDriver     ~    ~   ~     ?      x       x        ~     ~     ~      ~       x        x        ?
north-sDriver     ~    ~   ~     ?      x       x        ?     ?     ?      ~       x        x        ?
north-former-driver ~ ~    ~     ?      x       x        ?     ?     ?      ?       x        x        ?
north-alone       +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
@ route.start route.arrive route.depart route.skip route.pickUp route.handOver route.finish route.report
north-archived    ~    ~   ~     ?      x       x        ?     ?     ?      ?       x        x        ?
south-archived    ~    ~   ~     ?      x       x        ~     ~     ~      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?

@ route.acknowledge
north             x    x   x     ?      x       x        x     x     x      ?       x        x        x
south             x    x   x     ?      x       x        x     x     x      ?       x        x        x
north-driver      x    x   x     +      x       x        x     x     x      ?       x        x        x
south-sDriver     x    x   x     ?      x       x        x     x     x      +       x        x        x
north-sDriver     x    x   x     ?      x       x        x     x     x      +       x        x        x
north-former-driver x x    x     ?      x       x        x     x     x      ?       x        x        x
north-archived    x    x   x     ?      x       x        x     x     x      ?       x        x        x
south-archived    x    x   x     ?      x       x        x     x     x      ?       x        x        x
other             x    x   x     ?      x       x        x     x     x      ?       x        x        x
unknown           x    x   x     ?      x       x        x     x     x      ?       x        x        x
@ route.archive route.erase
any               x    x   x     x      x       x        x     x     x      x       x        x        x

#                   readB writeB readD writeD readP  sWriteB sWriteD
@ *
*                   x     x      x     x      x       x       x

@ link.use apiKey.create
any                 !     !      !     !      !       !       !
@ person.invite
another             !     !      !     !      !       !       !
@ person.setPassword link.create person.enrolSecondFactor person.dropSecondFactor person.renewRecoveryCodes
self                !     !      !     !      !       !       !
another             !     !      !     !      !       !       !

@ batch.create
north               x     +      x     x      x       x       x
south               x     +      x     x      x       +       x
at-other            x     ~      x     x      x       ~       x
@ batch.edit batch.assignDriver batch.moveDueDate batch.addParts batch.removeParts batch.correctPart batch.settleParts
@ batch.restoreParts batch.split batch.seal batch.handOver batch.depart batch.arrive batch.departBack batch.complete
@ batch.takeBack batch.cancel batch.reopen batch.logCall batch.notifyCustomer batch.addNote
north               x     +      x     x      x       ?       x
south               x     +      x     x      x       +       x
north-driver        x     +      x     x      x       ?       x
south-sDriver       x     +      x     x      x       +       x
north-sDriver       x     +      x     x      x       ?       x
other               x     ?      x     x      x       ?       x
unknown             x     ?      x     x      x       ?       x
@ batch.edit batch.assignDriver batch.moveDueDate batch.addParts batch.removeParts batch.correctPart batch.settleParts
@ batch.restoreParts batch.split batch.seal batch.handOver batch.depart batch.arrive batch.departBack batch.complete
@ batch.takeBack batch.cancel batch.logCall batch.notifyCustomer batch.addNote
north-archived      x     ~      x     x      x       ?       x
south-archived      x     ~      x     x      x       ~       x
@ batch.reopen
north-archived      x     +      x     x      x       ?       x
south-archived      x     +      x     x      x       +       x
@ batch.edit
south-to-north      x     +      x     x      x       x       x
@ batch.edit batch.assignDriver
to-other            x     ~      x     x      x       ?       x
@ message.sendAgain
north               x     +      x     x      x       ?       x
south               x     +      x     x      x       +       x
other               x     ?      x     x      x       ?       x
unknown             x     ?      x     x      x       ?       x

@ customer.create center.create vendor.create part.create
new                 x     x      x     +      x       x       +
@ customer.edit center.edit vendor.edit part.edit part.archive part.restore
own                 x     x      x     +      x       x       +
other               x     x      x     ?      x       x       ?
unknown             x     x      x     ?      x       x       ?
@ warehouse.create
new                 x     x      x     +      x       x       +
north               x     x      x     +      x       x       x
south               x     x      x     +      x       x       +
at-other            x     x      x     ~      x       x       ~
@ warehouse.edit
own                 x     x      x     +      x       x       +
north               x     x      x     +      x       x       ?
south               x     x      x     +      x       x       +
south-to-north      x     x      x     +      x       x       x
other               x     x      x     ?      x       x       ?
unknown             x     x      x     ?      x       x       ?

#                   readR writeR sWriteR
@ *
*                   x     x      x

@ link.use apiKey.create
any                 !     !      !
@ person.invite
another             !     !      !
@ person.setPassword link.create person.enrolSecondFactor person.dropSecondFactor person.renewRecoveryCodes
self                !     !      !
another             !     !      !

@ route.create
north               x     +      x
south               x     +      +
at-other            x     ~      ~
with-other-driver   x     ~      ~
@ route.create route.plan
south-with-north-batch x  +      ~
with-other-batch    x     ~      ~
@ route.assign
to-other            x     ~      ?
@ route.edit route.assign route.plan route.cancel route.resolve route.arrive route.depart route.skip route.pickUp
@ route.handOver route.finish route.report
north               x     +      ?
south               x     +      +
north-driver        x     +      ?
south-sDriver       x     +      +
north-sDriver       x     +      ?
north-former-driver x     +      ?
@ route.start
north               x     ~      ?
south               x     ~      ~
north-driver        x     ~      ?
south-sDriver       x     ~      ~
north-sDriver       x     ~      ?
north-former-driver x     ~      ?
north-alone         x     +      ?
@ route.edit route.assign route.plan route.cancel route.resolve route.arrive route.depart route.skip route.pickUp
@ route.handOver route.finish route.report route.start
north-archived      x     ~      ?
south-archived      x     ~      ~
other               x     ?      ?
unknown             x     ?      ?
`;

/** What is reached on a way round: inside an import, and by taking back what somebody else did. Marks as above. */
export const indirectCells = `
#               admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam

@ import:branch.create
new               +    x   x     x      x       x        x     x     x      x       x        x        x
@ import:customer.create import:center.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
@ import:customer.edit import:center.edit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
@ import:branch.edit
north             ~    x   x     x      x       x        ?     x     x      x       x        x        x
south             ~    x   x     x      x       x        ~     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ import:warehouse.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
north             +    +   x     x      x       x        x     x     x      x       x        x        x
south             +    +   x     x      x       x        +     +     x      x       x        x        x
@ import:warehouse.edit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
north             +    +   x     x      x       x        ?     ?     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
@ import:vendor.create
new               +    +   x     x      x       x        +     +     x      x       x        x        x
@ import:vendor.edit
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   x     x      x       x        ?     ?     x      x       x        x        x
@ import:team.create
new               +    x   x     x      x       x        +     x     x      x       x        x        x
@ import:team.edit
own               +    x   x     x      x       x        +     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
@ import:part.create
new               +    +   +     x      x       x        +     +     +      x       x        x        +
@ import:part.edit
own               +    +   +     x      x       x        +     +     +      x       x        x        +
other             ?    ?   ?     x      x       x        ?     ?     ?      x       x        x        ?
@ import:batch.create
north             +    +   +     x      x       x        x     x     x      x       x        x        x
south             +    +   +     x      x       x        +     +     +      x       x        x        x
at-other          ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~

@ undo:batch.edit undo:batch.assignDriver undo:batch.addParts undo:batch.removeParts undo:batch.correctPart
@ undo:batch.settleParts undo:batch.restoreParts undo:batch.seal undo:batch.handOver undo:batch.takeBack undo:batch.cancel
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:batch.edit undo:batch.seal undo:batch.handOver
north-driver      +    +   +     x      x       x        ?     ?     ?      ?       x        x        ?
@ undo:batch.moveDueDate undo:batch.reopen
north             +    +   x     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   x     ?      x       x        +     +     x      ?       x        x        ?
north-driver      +    +   x     x      x       x        ?     ?     ?      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
north-driver      +    +   +     +      x       x        ?     ?     ?      ?       x        x        ?
north-sDriver     +    +   +     ?      x       x        ?     ?     ?      +       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:template.edit undo:template.archive
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:savedView.edit undo:savedView.archive
mine              +    +   +     ?      x       x        +     +     +      ?       x        x        +
another           +    +   x     ?      x       x        +     +     x      ?       x        x        x
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:vendor.archive undo:vendor.merge undo:customer.archive undo:customer.merge undo:center.archive undo:center.merge
@ undo:warehouse.archive undo:warehouse.merge
own               +    +   x     x      x       x        +     +     x      x       x        x        x
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:customer.merge
north-batch       +    +   x     ?      x       x        ?     ?     ?      ?       x        x        ?
south-batch       +    +   x     ?      x       x        +     +     x      ?       x        x        ?
@ undo:team.archive undo:team.merge
own               +    x   x     ?      x       x        +     x     x      ?       x        x        x
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:branch.archive undo:branch.merge
own               +    x   x     x      x       x        ?     ?     ?      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:organization.setWipLimit
own               ~    ~   x     x      x       x        ~     ~     x      x       x        x        x
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:route.edit undo:route.plan undo:route.assign undo:route.cancel
north             +    +   +     ?      x       x        ?     ?     ?      ?       x        x        ?
south             +    +   +     ?      x       x        +     +     +      ?       x        x        ?
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
unknown           ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
@ undo:route.edit undo:route.plan
north-driver      +    +   +     x      x       x        ?     ?     ?      ?       x        x        ?

#                   readB writeB readD writeD readP  sWriteB sWriteD
@ *
*                   x     x      x     x      x       x       x

@ import:batch.create
north               x     +      x     x      x       x       x
south               x     +      x     x      x       +       x
at-other            x     ~      x     x      x       ~       x
@ import:customer.create import:center.create import:vendor.create import:part.create
new                 x     x      x     +      x       x       +
@ import:customer.edit import:center.edit import:vendor.edit import:part.edit
own                 x     x      x     +      x       x       +
other               x     x      x     ?      x       x       ?
@ import:warehouse.create
new                 x     x      x     +      x       x       +
north               x     x      x     +      x       x       x
south               x     x      x     +      x       x       +
@ import:warehouse.edit
own                 x     x      x     +      x       x       +
north               x     x      x     +      x       x       ?
other               x     x      x     ?      x       x       ?

@ undo:batch.edit undo:batch.assignDriver undo:batch.addParts undo:batch.removeParts undo:batch.correctPart
@ undo:batch.settleParts undo:batch.restoreParts undo:batch.seal undo:batch.handOver undo:batch.takeBack undo:batch.cancel
@ undo:batch.moveDueDate undo:batch.reopen undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north               x     +      x     x      x       ?       x
south               x     +      x     x      x       +       x
other               x     ?      x     x      x       ?       x
unknown             x     ?      x     x      x       ?       x
@ undo:batch.edit undo:batch.seal undo:batch.handOver undo:batch.moveDueDate undo:batch.reopen
@ undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north-driver        x     +      x     x      x       ?       x
@ undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north-sDriver       x     +      x     x      x       ?       x
@ undo:template.edit undo:template.archive
north               x     x      x     x      x       ?       x
south               x     x      x     x      x       x       x
other               x     ?      x     x      x       ?       x
@ undo:savedView.edit undo:savedView.archive undo:organization.setWipLimit undo:vendor.archive undo:vendor.merge
@ undo:customer.archive undo:customer.merge undo:center.archive undo:center.merge undo:warehouse.archive
@ undo:warehouse.merge undo:team.archive undo:team.merge undo:branch.archive undo:branch.merge
other               x     ?      x     x      x       ?       x
@ undo:vendor.archive undo:vendor.merge undo:customer.archive undo:customer.merge undo:center.archive undo:center.merge
@ undo:warehouse.archive undo:warehouse.merge undo:team.archive undo:team.merge undo:branch.archive undo:branch.merge
unknown             x     ?      x     x      x       ?       x
@ undo:customer.merge
north-batch         x     x      x     x      x       ?       x
@ undo:branch.archive undo:branch.merge
own                 x     x      x     x      x       ?       x
@ undo:route.edit undo:route.plan undo:route.assign undo:route.cancel
north               x     x      x     x      x       ?       x
south               x     x      x     x      x       x       x
other               x     ?      x     x      x       ?       x
unknown             x     ?      x     x      x       ?       x
@ undo:route.edit undo:route.plan
north-driver        x     x      x     x      x       ?       x

#                   readR writeR sWriteR
@ *
*                   x     x      x

@ undo:route.edit undo:route.plan undo:route.assign undo:route.cancel
north               x     +      ?
south               x     +      +
other               x     ?      ?
unknown             x     ?      ?
@ undo:route.edit undo:route.plan
north-driver        x     +      ?
@ undo:batch.edit undo:batch.assignDriver undo:batch.addParts undo:batch.removeParts undo:batch.correctPart
@ undo:batch.settleParts undo:batch.restoreParts undo:batch.seal undo:batch.handOver undo:batch.takeBack undo:batch.cancel
@ undo:batch.moveDueDate undo:batch.reopen undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north               x     x      ?
south               x     x      x
other               x     ?      ?
unknown             x     ?      ?
@ undo:batch.edit undo:batch.seal undo:batch.handOver undo:batch.moveDueDate undo:batch.reopen
@ undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north-driver        x     x      ?
@ undo:batch.depart undo:batch.arrive undo:batch.departBack undo:batch.complete
north-sDriver       x     x      ?
@ undo:template.edit undo:template.archive
north               x     x      ?
south               x     x      x
@ undo:template.edit undo:template.archive undo:savedView.edit undo:savedView.archive undo:organization.setWipLimit
@ undo:vendor.archive undo:vendor.merge undo:customer.archive undo:customer.merge undo:center.archive undo:center.merge
@ undo:warehouse.archive undo:warehouse.merge undo:team.archive undo:team.merge undo:branch.archive undo:branch.merge
other               x     ?      ?
@ undo:vendor.archive undo:vendor.merge undo:customer.archive undo:customer.merge undo:center.archive undo:center.merge
@ undo:warehouse.archive undo:warehouse.merge undo:team.archive undo:team.merge undo:branch.archive undo:branch.merge
unknown             x     ?      ?
@ undo:customer.merge
north-batch         x     x      ?
@ undo:branch.archive undo:branch.merge
own                 x     x      ?
`;

/**
 * What is asked over HTTP, every endpoint of the server. `+` answered; `x` forbidden; `?` as if it were not there; `s`
 * asked to sign in; `~` let through, and refused for another reason (a wrong password, a row that names what one does
 * not see). `nobody` is not signed in.
 */
export const endpointCells = `
#               admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam  nobody

@ GET:/api/setup GET:/api/session GET:/api/password/forgotten POST:/api/password/forgotten
@ GET:/api/openapi.json GET:/api/docs
any               +    +   +     +      +       +        +     +     +      +       +        +        +      +
@ GET:/api/session/provider GET:/api/session/provider/callback
any               +    +   +     +      +       +        +     +     +      +       +        +        +      +
@ POST:/api/setup POST:/api/session POST:/api/links/look POST:/api/links/use
any               ~    ~   ~     ~      ~       ~        ~     ~     ~      ~       ~        ~        ~      ~
@ POST:/api/commands
any               ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?      s
@ GET:/api/sessions POST:/api/commands/bulk GET:/api/import/template.csv
@ GET:/api/live/snapshot GET:/api/live/catch-up GET:/api/batches GET:/api/batches/export.csv GET:/api/find
any               +    +   +     +      +       +        +     +     +      +       +        +        +      s
@ GET:/api/batches GET:/api/batches/export.csv
archived          +    +   +     +      +       +        +     +     +      +       +        +        +      s
@ GET:/api/map
any               +    +   +     +      +       +        +     +     +      +       +        +        +      s
@ GET:/api/map/city GET:/api/map/tiles
none              ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
@ DELETE:/api/session
any               +    +   +     +      +       x        +     +     +      +       +        x        +      +
@ DELETE:/api/sessions
any               +    +   +     +      +       x        +     +     +      +       +        x        +      s
@ POST:/api/password
any               ~    ~   ~     ~      ~       ~        ~     ~     ~      ~       ~        ~        ~      s
@ GET:/api/branches GET:/api/customers GET:/api/centers GET:/api/people GET:/api/customers/export.csv
@ GET:/api/centers/export.csv GET:/api/activity GET:/api/figures/day GET:/api/branches/export.csv
@ GET:/api/warehouses GET:/api/vendors GET:/api/teams
@ GET:/api/warehouses/export.csv GET:/api/vendors/export.csv GET:/api/teams/export.csv
any               +    +   +     x      +       +        +     +     +      x       +        +        +      s
@ POST:/api/parts/check GET:/api/parts GET:/api/parts/export.csv GET:/api/messages/channels
any               +    +   +     x      +       x        +     +     +      x       +        x        +      s
@ GET:/api/parts/labels.pdf
own               +    +   +     x      +       x        +     +     +      x       +        x        +      s
other             ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?      s
unknown           ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?      s

@ GET:/api/routes GET:/api/routes/export.csv
any               +    +   +     +      +       +        +     +     +      +       +        +        +      s
@ GET:/api/routes/:id GET:/api/routes/:id/timeline
north-driver      +    +   +     +      +       +        ?     ?     ?      ?       ?        ?        ?      s
south-sDriver     +    +   +     ?      +       +        +     +     +      +       +        +        ?      s
other             ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
unknown           ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
@ GET:/api/routes/:id/trail
north-driver      +    +   +     x      +       +        ?     ?     ?      x       ?        ?        ?      s
south-sDriver     +    +   +     x      +       +        +     +     +      x       +        +        ?      s
other             ?    ?   ?     x      ?       ?        ?     ?     ?      x       ?        ?        ?      s
unknown           ?    ?   ?     x      ?       ?        ?     ?     ?      x       ?        ?        ?      s

@ GET:/api/second-factor
any               +    +   +     +      +       +        +     +     +      +       +        +        +      s
@ POST:/api/second-factor POST:/api/second-factor/offer POST:/api/second-factor/recovery-codes POST:/api/second-factor/off
any               ~    ~   ~     ~      ~       ~        ~     ~     ~      ~       ~        ~        ~      s
@ POST:/api/session/second-factor
any               ~    ~   ~     ~      ~       ~        ~     ~     ~      ~       ~        ~        ~      ~
@ GET:/api/access GET:/api/access/export.csv
any               +    x   x     x      x       x        x     x     x      x       x        x        x      s
@ POST:/api/files
any               +    +   +     +      x       x        +     +     +      +       x        x        +      s
@ GET:/api/keys/used GET:/api/retention POST:/api/retention/dry-run
any               +    x   x     x      x       x        +     x     x      x       x        x        x      s
@ POST:/api/keys
north             +    x   x     x      x       x        x     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x      s
@ GET:/api/files/:id
logo              +    +   +     +      +       +        +     +     +      +       +        +        +      s
unnamed           +    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
north-driver      +    +   +     +      +       ?        ?     ?     ?      ?       ?        ?        ?      s
south-sDriver     +    +   +     ?      +       ?        +     +     +      +       +        ?        ?      s
other             ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
unknown           ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
@ POST:/api/retention/erasure/dry-run
north             +    x   x     x      x       x        ?     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        ?     x     x      x       x        x        x      s
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x      s
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x      s

@ POST:/api/people
north             +    x   x     x      x       x        x     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x      s
@ POST:/api/people/invitations
north             +    x   x     x      x       x        x     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x      s
@ POST:/api/people/:id/password
self              x    x   x     x      x       x        x     x     x      x       x        x        x      s
north             +    x   x     x      x       x        ?     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        x     x     x      x       x        x        x      s
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x      s
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x      s
@ GET:/api/people/:id/sessions GET:/api/people/:id/links POST:/api/people/:id/links
self              +    x   x     x      x       x        +     x     x      x       x        x        x      s
north             +    x   x     x      x       x        ?     x     x      x       x        x        x      s
south             +    x   x     x      x       x        +     x     x      x       x        x        x      s
everywhere        +    x   x     x      x       x        ?     x     x      x       x        x        x      s
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x      s
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x      s

@ GET:/api/batches/:id GET:/api/batches/:id/timeline GET:/api/batches/:id/labels.pdf GET:/api/batches/:id/manifest.pdf
north             +    +   +     ?      +       +        ?     ?     ?      ?       ?        ?        ?      s
south             +    +   +     ?      +       +        +     +     +      ?       +        +        ?      s
north-driver      +    +   +     +      +       +        ?     ?     ?      ?       ?        ?        ?      s
south-sDriver     +    +   +     ?      +       +        +     +     +      +       +        +        ?      s
other             ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
unknown           ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
@ GET:/api/batches/:id GET:/api/batches/:id/timeline GET:/api/batches/:id/labels.pdf
north-archived    +    +   +     ?      +       +        ?     ?     ?      ?       ?        ?        ?      s
south-archived    +    +   +     ?      +       +        +     +     +      ?       +        +        ?      s
@ GET:/api/batches/:id/manifest.pdf
north-archived    ~    ~   ~     ?      ~       ~        ?     ?     ?      ?       ?        ?        ?      s
south-archived    ~    ~   ~     ?      ~       ~        ~     ~     ~      ?       ~        ~        ?      s
@ GET:/api/batches/:id/messages
south-sDriver     +    +   +     x      +       x        +     +     +      x       +        x        ?      s
south-archived    +    +   +     x      +       x        +     +     +      x       +        x        ?      s
north             +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?      s
south             +    +   +     x      +       x        +     +     +      x       +        x        ?      s
north-driver      +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?      s
north-archived    +    +   +     x      +       x        ?     ?     ?      x       ?        x        ?      s
other             ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?      s
unknown           ?    ?   ?     x      ?       x        ?     ?     ?      x       ?        x        ?      s
@ GET:/api/parts/:partId
south-sDriver     +    +   +     ?      +       +        +     +     +      +       +        +        ?      s
south-archived    +    +   +     ?      +       +        +     +     +      ?       +        +        ?      s
north             +    +   +     ?      +       +        ?     ?     ?      ?       ?        ?        ?      s
south             +    +   +     ?      +       +        +     +     +      ?       +        +        ?      s
north-driver      +    +   +     +      +       +        ?     ?     ?      ?       ?        ?        ?      s
north-archived    +    +   +     ?      +       +        ?     ?     ?      ?       ?        ?        ?      s
north-described   +    +   +     ?      +       +        +     +     +      ?       +        ?        +      s
other             ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s
unknown           ?    ?   ?     ?      ?       ?        ?     ?     ?      ?       ?        ?        ?      s

@ POST:/api/import/preview POST:/api/import
vendors           +    +   x     x      x       x        +     +     x      x       x        x        x      s
teams             +    x   x     x      x       x        +     x     x      x       x        x        x      s
@ POST:/api/import/preview
customers         +    +   x     x      x       x        +     +     x      x       x        x        x      s
centers           +    +   x     x      x       x        +     +     x      x       x        x        x      s
parts             +    +   +     x      x       x        +     +     +      x       x        x        +      s
batches-north     +    +   +     x      x       x        +     +     +      x       x        x        +      s
@ POST:/api/import
customers         +    +   x     x      x       x        +     +     x      x       x        x        x      s
customers-other   +    +   x     x      x       x        +     +     x      x       x        x        x      s
centers           +    +   x     x      x       x        +     +     x      x       x        x        x      s
parts             +    +   +     x      x       x        +     +     +      x       x        x        +      s
batches-north     +    +   +     x      x       x        ~     ~     ~      x       x        x        ~      s
batches-south     +    +   +     x      x       x        +     +     +      x       x        x        ~      s
batches-other     ~    ~   ~     x      x       x        ~     ~     ~      x       x        x        ~      s

#                   readB writeB readD writeD readP  sWriteB sWriteD
@ *
*                   x     x      x     x      x       x       x

@ GET:/api/setup GET:/api/session GET:/api/password/forgotten POST:/api/password/forgotten
@ GET:/api/openapi.json GET:/api/docs GET:/api/session/provider GET:/api/session/provider/callback DELETE:/api/session
@ POST:/api/commands/bulk GET:/api/import/template.csv
any                 +     +      +     +      +       +       +
@ POST:/api/setup POST:/api/session POST:/api/links/look POST:/api/links/use POST:/api/session/second-factor
any                 ~     ~      ~     ~      ~       ~       ~
@ POST:/api/commands
any                 x     ?      x     x      x       ?       x
@ GET:/api/live/snapshot GET:/api/live/catch-up
any                 x     x      x     x      x       x       x

@ GET:/api/batches GET:/api/batches/export.csv GET:/api/find GET:/api/figures/day GET:/api/messages/channels
any                 +     +      x     x      x       +       x
@ GET:/api/batches GET:/api/batches/export.csv
archived            +     +      x     x      x       +       x
@ POST:/api/parts/check GET:/api/parts GET:/api/parts/export.csv
any                 +     +      +     +      x       +       +
@ GET:/api/parts/labels.pdf
own                 +     +      +     +      x       +       +
other               ?     ?      ?     ?      x       ?       ?
unknown             ?     ?      ?     ?      x       ?       ?
@ GET:/api/branches GET:/api/warehouses GET:/api/vendors GET:/api/customers GET:/api/centers GET:/api/teams
@ GET:/api/branches/export.csv GET:/api/warehouses/export.csv GET:/api/vendors/export.csv GET:/api/customers/export.csv
@ GET:/api/centers/export.csv GET:/api/teams/export.csv
any                 x     x      +     +      x       x       +
@ GET:/api/people
any                 x     x      x     x      +       x       x

@ GET:/api/batches/:id GET:/api/batches/:id/timeline GET:/api/batches/:id/labels.pdf GET:/api/batches/:id/manifest.pdf
@ GET:/api/batches/:id/messages GET:/api/parts/:partId
north               +     +      x     x      x       ?       x
south               +     +      x     x      x       +       x
north-driver        +     +      x     x      x       ?       x
south-sDriver       +     +      x     x      x       +       x
other               ?     ?      x     x      x       ?       x
unknown             ?     ?      x     x      x       ?       x
@ GET:/api/batches/:id GET:/api/batches/:id/timeline GET:/api/batches/:id/labels.pdf GET:/api/batches/:id/messages
@ GET:/api/parts/:partId
north-archived      +     +      x     x      x       ?       x
south-archived      +     +      x     x      x       +       x
@ GET:/api/batches/:id/manifest.pdf
north-archived      ~     ~      x     x      x       ?       x
south-archived      ~     ~      x     x      x       ~       x
@ GET:/api/parts/:partId
north-described     +     +      x     x      x       +       x

@ POST:/api/import/preview POST:/api/import
customers           x     x      x     +      x       x       +
centers             x     x      x     +      x       x       +
vendors             x     x      x     +      x       x       +
parts               x     x      x     +      x       x       +
@ POST:/api/import/preview
batches-north       x     +      x     x      x       +       x
@ POST:/api/import
customers-other     x     x      x     +      x       x       +
batches-north       x     +      x     x      x       ~       x
batches-south       x     +      x     x      x       +       x
batches-other       x     ~      x     x      x       ~       x

#                   readR writeR sWriteR
@ *
*                   x     x      x

@ GET:/api/setup GET:/api/session GET:/api/password/forgotten POST:/api/password/forgotten
@ GET:/api/openapi.json GET:/api/docs GET:/api/session/provider GET:/api/session/provider/callback DELETE:/api/session
@ POST:/api/commands/bulk GET:/api/import/template.csv
any                 +     +      +
@ POST:/api/setup POST:/api/session POST:/api/links/look POST:/api/links/use POST:/api/session/second-factor
any                 ~     ~      ~
@ POST:/api/commands
any                 x     ?      ?
@ GET:/api/routes GET:/api/routes/export.csv
any                 +     +      +
@ GET:/api/routes/:id GET:/api/routes/:id/timeline
north-driver        +     +      ?
south-sDriver       +     +      +
other               ?     ?      ?
unknown             ?     ?      ?
`;

/** What a client may say on the socket. `+` answered; `x` forbidden. Commands have their cells above. */
export const eventCells = `
#               admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam

@ clock
any               +    +   +     +      +       +        +     +     +      +       +        +        +
@ presence
page              +    +   +     x      +       x        +     +     +      x       +        x        +
north             +    +   +     x      +       x        +     +     +      x       +        x        +
@ position
own               x    x   x     +      x       x        x     x     x      +       x        x        x
other             x    x   x     ?      x       x        x     x     x      ?       x        x        x
unknown           x    x   x     ?      x       x        x     x     x      ?       x        x        x
@ watchPositions
any               +    +   +     x      +       +        +     +     +      x       +        +        +
`;

/** What the server says on the socket by itself, and what of it is about records: those are below. */
export const serverEventsTold = {
  hello: 'oneself only',
  frame: 'the live set',
  stale: 'nothing of records',
  cut: 'oneself only',
  presence: 'people and batches',
  positions: 'drivers and routes',
};

/** Who is told where a driver of a branch is while a route of that branch is under way; `-` not told. */
export const positionCells = `
#               admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam
@ driver
north             +    +   +     -      +       +        -     -     -      -       -        -        -
@ sDriver
south             +    +   +     -      +       +        +     +     +      -       +        +        -
`;

/**
 * Who is told of whom. The rows are people, by where they say they are; `h` told of, there; `s` told of, somewhere on
 * the list of batches; `-` not told of. Drivers and walls are told of to nobody, and told nothing.
 */
export const presenceCells = `
#          admin ops team manager  sAdmin sOps sTeam sManager  nTeam
@ admin ops team manager
page         h    h   h     h        h     h     h      h        h
north        h    h   h     h        s     s     s      s        s
south        h    h   h     h        h     h     h      h        s
@ sAdmin sOps sTeam sManager
page         h    h   h     h        h     h     h      h        -
north        s    s   s     s        s     s     s      s        -
south        h    h   h     h        h     h     h      h        -
@ nTeam
page         h    h   h     h        -     -     -      -        -
north        s    s   s     s        -     -     -      -        -
south        s    s   s     s        -     -     -      -        -
`;

/**
 * Who sees what. `+` on boards, as it stands in the live set; `o` only where it is asked for; `-` nowhere, on no way.
 * `apiKey` is its name only: what it did is told by it. `part:…` is a part of that batch that is described; its description is the whole organization's.
 * `route:….places` is a customer at whose door it stops: desks have it from the directory, drivers from their own routes.
 */
export const sightCells = `
#                          admin ops team driver manager display  sAdmin sOps sTeam sDriver sManager sDisplay  nTeam
@ sight
organization                 +    +   +     +      +       +        +     +     +      +       +        +        +
branch:north                 +    +   +     +      +       +        -     -     -      -       -        -        -
branch:south                 +    +   +     +      +       +        +     +     +      +       +        +        -
customer                     +    +   +     +      +       +        +     +     +      +       +        +        +
customer.contacts            +    +   +     -      +       -        +     +     +      -       +        -        +
center                       +    +   +     +      +       +        +     +     +      +       +        +        +
center.contacts              +    +   +     o      +       +        +     +     +      o       +        +        +
warehouse:north              +    +   +     +      +       +        -     -     -      -       -        -        -
warehouse:south              +    +   +     +      +       +        +     +     +      +       +        +        -
warehouse:everywhere         +    +   +     +      +       +        +     +     +      +       +        +        +
vendor                       +    +   +     +      +       +        +     +     +      +       +        +        +
vendor.contacts              +    +   +     -      +       -        +     +     +      -       +        -        +
team:south                   +    +   +     -      +       +        +     +     +      -       +        +        -
team:everywhere              +    +   +     -      +       +        +     +     +      -       +        +        +
person:north                 +    +   +     -      +       +        -     -     -      -       -        -        -
person:north.email           +    -   -     -      -       -        -     -     -      -       -        -        -
person:north.phone           +    +   +     -      +       -        -     -     -      -       -        -        -
person:south                 +    +   +     -      +       +        +     +     +      -       +        +        -
person:south.email           +    -   -     -      -       -        +     -     -      -       -        -        -
person:south.phone           +    +   +     -      +       -        +     +     +      -       +        -        -
person:everywhere            +    +   +     -      +       +        +     +     +      -       +        +        +
person:everywhere.email      +    -   -     -      -       -        +     -     -      -       -        -        -
person:everywhere.phone      +    +   +     -      +       -        +     +     +      -       +        -        +
batch:north                  +    +   +     -      +       +        -     -     -      -       -        -        -
batch:north.parts            o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north.notes            o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north.response         +    +   +     -      +       +        -     -     -      -       -        -        -
batch:north.reason           o    o   o     -      o       o        -     -     -      -       -        -        -
part:north                   o    o   o     -      o       o        o     o     o      -       o        -        o
batch:south                  +    +   +     -      +       +        +     +     +      -       +        +        -
batch:south.parts            o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south.notes            o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south.response         +    +   +     -      +       +        +     +     +      -       +        +        -
batch:south.reason           o    o   o     -      o       o        o     o     o      -       o        o        -
part:south                   o    o   o     -      o       o        o     o     o      -       o        o        o
batch:north-driver           +    +   +     +      +       +        -     -     -      -       -        -        -
batch:north-driver.parts     o    o   o     +      o       o        -     -     -      -       -        -        -
batch:north-driver.notes     o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north-driver.response  +    +   +     -      +       +        -     -     -      -       -        -        -
batch:north-driver.reason    o    o   o     o      o       o        -     -     -      -       -        -        -
part:north-driver            o    o   o     o      o       o        o     o     o      -       o        -        o
batch:south-sDriver          +    +   +     -      +       +        +     +     +      +       +        +        -
batch:south-sDriver.parts    o    o   o     -      o       o        o     o     o      +       o        o        -
batch:south-sDriver.notes    o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south-sDriver.response +    +   +     -      +       +        +     +     +      -       +        +        -
batch:south-sDriver.reason   o    o   o     -      o       o        o     o     o      o       o        o        -
part:south-sDriver           o    o   o     -      o       o        o     o     o      o       o        o        o
batch:north-archived         o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north-archived.parts   o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north-archived.notes   o    o   o     -      o       o        -     -     -      -       -        -        -
batch:north-archived.response o   o   o     -      o       o        -     -     -      -       -        -        -
batch:north-archived.reason  o    o   o     -      o       o        -     -     -      -       -        -        -
part:north-archived          o    o   o     -      o       o        o     o     o      -       o        -        o
batch:south-archived         o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south-archived.parts   o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south-archived.notes   o    o   o     -      o       o        o     o     o      -       o        o        -
batch:south-archived.response o   o   o     -      o       o        o     o     o      -       o        o        -
batch:south-archived.reason  o    o   o     -      o       o        o     o     o      -       o        o        -
part:south-archived          o    o   o     -      o       o        o     o     o      -       o        o        o
route:north-driver           +    +   +     +      +       +        -     -     -      -       -        -        -
route:north-driver.vehicle   +    +   +     +      +       +        -     -     -      -       -        -        -
route:north-driver.note      +    +   +     +      +       +        -     -     -      -       -        -        -
route:north-driver.problem   +    +   +     +      +       +        -     -     -      -       -        -        -
route:north-driver.reason    +    +   +     +      +       +        -     -     -      -       -        -        -
route:north-driver.places    +    +   +     +      +       -        +     +     +      -       +        -        +
route:north-driver.receivers +    +   +     +      +       -        -     -     -      -       -        -        -
route:south-sDriver          +    +   +     -      +       +        +     +     +      +       +        +        -
route:south-sDriver.vehicle  +    +   +     -      +       +        +     +     +      +       +        +        -
route:south-sDriver.note     +    +   +     -      +       +        +     +     +      +       +        +        -
route:south-sDriver.problem  +    +   +     -      +       +        +     +     +      +       +        +        -
route:south-sDriver.reason   +    +   +     -      +       +        +     +     +      +       +        +        -
route:south-sDriver.places   +    +   +     -      +       -        +     +     +      +       +        -        +
route:south-sDriver.receivers +    +   +     -      +       -        +     +     +      +       +        -        -
apiKey                       +    +   +     -      +       +        +     +     +      -       +        +        -
template:north               +    +   +     -      +       -        -     -     -      -       -        -        -
template:south               +    +   +     -      +       -        +     +     +      -       +        -        -
savedView                    +    +   +     -      +       -        +     +     +      -       +        -        +
message:north                o    o   o     -      o       -        -     -     -      -       -        -        -
message:south                o    o   o     -      o       -        o     o     o      -       o        -        -

#                              readB writeB readD writeD readP  sWriteB sWriteD
@ *
*                              -     -      -     -      -       -       -
@ sight
organization                   o     o      -     -      -       o       -
branch:north                   o     o      o     o      -       -       -
branch:south                   o     o      o     o      -       o       o
customer                       o     o      o     o      -       o       o
customer.contacts              -     -      o     o      -       -       o
center                         o     o      o     o      -       o       o
center.contacts                o     o      o     o      -       o       o
warehouse:north                -     -      o     o      -       -       -
warehouse:south                -     -      o     o      -       -       o
warehouse:everywhere           -     -      o     o      -       -       o
vendor                         -     -      o     o      -       -       o
vendor.contacts                -     -      o     o      -       -       o
team:south                     -     -      o     o      -       -       o
team:everywhere                -     -      o     o      -       -       o
person:north                   -     -      -     -      o       -       -
person:north.phone             -     -      -     -      o       -       -
person:south                   -     -      -     -      o       -       -
person:south.phone             -     -      -     -      o       -       -
person:everywhere              -     -      -     -      o       -       -
person:everywhere.phone        -     -      -     -      o       -       -
batch:north                    o     o      -     -      -       -       -
batch:north.parts              o     o      -     -      -       -       -
batch:north.notes              o     o      -     -      -       -       -
batch:north.response           o     o      -     -      -       -       -
batch:north.reason             o     o      -     -      -       -       -
part:north                     o     o      o     o      -       o       o
batch:south                    o     o      -     -      -       o       -
batch:south.parts              o     o      -     -      -       o       -
batch:south.notes              o     o      -     -      -       o       -
batch:south.response           o     o      -     -      -       o       -
batch:south.reason             o     o      -     -      -       o       -
part:south                     o     o      o     o      -       o       o
batch:north-driver             o     o      -     -      -       -       -
batch:north-driver.parts       o     o      -     -      -       -       -
batch:north-driver.notes       o     o      -     -      -       -       -
batch:north-driver.response    o     o      -     -      -       -       -
batch:north-driver.reason      o     o      -     -      -       -       -
part:north-driver              o     o      o     o      -       o       o
batch:south-sDriver            o     o      -     -      -       o       -
batch:south-sDriver.parts      o     o      -     -      -       o       -
batch:south-sDriver.notes      o     o      -     -      -       o       -
batch:south-sDriver.response   o     o      -     -      -       o       -
batch:south-sDriver.reason     o     o      -     -      -       o       -
part:south-sDriver             o     o      o     o      -       o       o
batch:north-archived           o     o      -     -      -       -       -
batch:north-archived.parts     o     o      -     -      -       -       -
batch:north-archived.notes     o     o      -     -      -       -       -
batch:north-archived.response  o     o      -     -      -       -       -
batch:north-archived.reason    o     o      -     -      -       -       -
part:north-archived            o     o      o     o      -       o       o
batch:south-archived           o     o      -     -      -       o       -
batch:south-archived.parts     o     o      -     -      -       o       -
batch:south-archived.notes     o     o      -     -      -       o       -
batch:south-archived.response  o     o      -     -      -       o       -
batch:south-archived.reason    o     o      -     -      -       o       -
part:south-archived            o     o      o     o      -       o       o
route:north-driver.places      -     -      o     o      -       -       o
route:south-sDriver.places     -     -      o     o      -       -       o
message:north                  o     o      -     -      -       -       -
message:south                  o     o      -     -      -       o       -

#                              readR writeR sWriteR
@ *
*                              -     -      -
@ sight
branch:north                   o     o      -
branch:south                   o     o      o
route:north-driver             o     o      -
route:north-driver.vehicle     o     o      -
route:north-driver.note        o     o      -
route:north-driver.problem     o     o      -
route:north-driver.reason      o     o      -
route:north-driver.places      o     o      -
route:north-driver.receivers   o     o      -
route:south-sDriver            o     o      o
route:south-sDriver.vehicle    o     o      o
route:south-sDriver.note       o     o      o
route:south-sDriver.problem    o     o      o
route:south-sDriver.reason     o     o      o
route:south-sDriver.places     o     o      o
route:south-sDriver.receivers  o     o      o
`;

/**
 * What each way of reading must tell of what the asker sees: a way that tells nothing would keep every secret. `X` is
 * the condition it was asked under. What is not named here may be told as well, as far as it is seen.
 */
export const tells: { readonly [way: string]: string } = {
  'GET:/api/live/snapshot': 'everything live',
  'GET:/api/live/catch-up': 'everything live',
  frames: 'everything live',
  'GET:/api/branches': 'branch:north branch:south',
  'GET:/api/customers': 'customer customer.contacts',
  'GET:/api/centers': 'center center.contacts',
  'GET:/api/warehouses': 'warehouse:north warehouse:south warehouse:everywhere',
  'GET:/api/vendors': 'vendor vendor.contacts',
  'GET:/api/teams': 'team:south team:everywhere',
  'GET:/api/people':
    'person:north person:north.email person:north.phone person:south person:south.email person:south.phone ' +
    'person:everywhere person:everywhere.email person:everywhere.phone',
  'GET:/api/batches any': 'batch:north batch:south batch:north-driver batch:south-sDriver',
  'GET:/api/batches archived': 'batch:north-archived batch:south-archived',
  'GET:/api/batches/export.csv any':
    'batch:north batch:south batch:north-driver batch:south-sDriver batch:north.parts batch:south.parts',
  'GET:/api/batches/export.csv archived': 'batch:north-archived batch:south-archived',
  'GET:/api/customers/export.csv': 'customer customer.contacts',
  'GET:/api/centers/export.csv': 'center center.contacts',
  'GET:/api/branches/export.csv': 'branch:north branch:south',
  'GET:/api/warehouses/export.csv': 'warehouse:north warehouse:south warehouse:everywhere',
  'GET:/api/vendors/export.csv': 'vendor vendor.contacts',
  'GET:/api/teams/export.csv': 'team:south team:everywhere person:south person:everywhere',
  'GET:/api/parts': 'part:north part:south part:north-driver part:south-archived',
  'GET:/api/parts/export.csv': 'part:north part:south part:north-driver part:south-archived',
  'GET:/api/batches/:id': 'batch:X batch:X.parts batch:X.notes batch:X.response part:X',
  'GET:/api/batches/:id/timeline': 'batch:X.parts batch:X.notes batch:X.response batch:X.reason',
  'GET:/api/batches/:id/manifest.pdf': 'batch:X batch:X.parts part:X customer center',
  'GET:/api/batches/:id/labels.pdf': 'batch:X batch:X.parts part:X',
  'GET:/api/parts/labels.pdf own': 'part:north',
  'GET:/api/batches/:id/messages': 'message:X',
  'GET:/api/routes any':
    'route:north-driver route:south-sDriver route:north-driver.receivers route:south-sDriver.receivers',
  'GET:/api/routes/export.csv': 'route:north-driver.vehicle route:south-sDriver.vehicle',
  'GET:/api/routes/:id': 'route:X route:X.vehicle route:X.note route:X.problem route:X.places route:X.receivers',
  'GET:/api/routes/:id/timeline': 'route:X.problem route:X.reason',
  'GET:/api/activity': 'batch:north batch:south batch:south.reason',
  'GET:/api/find':
    'customer center branch:north branch:south person:north person:south person:everywhere template:north template:south ' +
    'batch:north batch:south batch:north-driver batch:south-sDriver batch:north-archived batch:south-archived',
};
