/**
 * Who may do what and who sees what, written by hand. Nothing is imported here, least of all from what is judged: a
 * mistake in the server's own tables must not be able to repeat itself.
 *
 * How to add a cell: `# …` names the columns (people and keys of `principals.ts`), `@ …` the rows that follow apply to
 * (a command as it is in `acts.ts`, an endpoint, a thing to be seen), then one line for each condition of the record.
 * A block may have columns of its own, so that a new principal gets a new block and leaves the others alone; `@ *`
 * stands for every row that has no cell in that column.
 *
 * s… are limited to the branch South, nTeam to no branch at all; the others belong to no branch in particular.
 */

/**
 * Commands. `+` done; `x` forbidden; `?` answered as if the record were not there; `~` may, and a rule refuses it for
 * another reason (the record is archived, or of another version); `!` not a command for people at all.
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

@ customer.eraseContacts
own               +    x   x     x      x       x        +     x     x      x       x        x        x
other             ?    x   x     x      x       x        ?     x     x      x       x        x        x
unknown           ?    x   x     x      x       x        ?     x     x      x       x        x        x

@ part.create
new               +    +   +     x      x       x        +     +     +      x       x        x        +
@ part.edit
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
@ undo:organization.setWipLimit
own               ~    ~   x     x      x       x        ~     ~     x      x       x        x        x
other             ?    ?   ?     ?      x       x        ?     ?     ?      ?       x        x        ?
`;
