/** The languages that messages to customers are written in by themselves. */
export const messageLanguages = ['en', 'nl', 'de', 'fr', 'es'] as const;
export type MessageLanguage = (typeof messageLanguages)[number];

/** Each language by its English name. */
export const languageNames: { readonly [L in MessageLanguage]: string } = {
  en: 'English',
  nl: 'Dutch',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
};

/** The language of a customer's tag (`de`, `de-AT`); English where there is none of ours. */
export function languageOf(tag: string | undefined): MessageLanguage {
  const [base] = (tag ?? '').split('-');
  return messageLanguages.find((language) => language === base) ?? 'en';
}

/** What a message about a late batch says. Times are milliseconds since the epoch. */
export type Facts = {
  customer: string;
  reference: string;
  organization: string;
  /** The date that was promised and has passed. */
  promisedAt: number;
  /** The new expected return date; absent while there is none. */
  dueAt?: number | undefined;
  /** The customer's IANA time zone. */
  timeZone: string;
};

type Filled = Omit<Facts, 'promisedAt' | 'dueAt' | 'timeZone'> & { promised: string; due: string | undefined };
type Wording = { subject(f: Filled): string; text(f: Filled): string; sms(f: Filled): string };

const wordings: { readonly [L in MessageLanguage]: Wording } = {
  en: {
    subject: ({ reference, due }) => (due ? `${reference}: now expected back ${due}` : `${reference} is late`),
    text: ({ customer, reference, promised, due, organization }) =>
      paragraphs(
        `Dear ${customer},`,
        `your service batch ${reference} was to be back by ${promised}. It is late, and we are sorry for that.`,
        due
          ? `We now expect it back ${due}.`
          : 'We are finding out when it will be back and will write to you again as soon as we know.',
        'If this causes difficulties for you, please answer this e-mail.',
        organization,
      ),
    sms: ({ reference, due, organization }) =>
      due
        ? `${reference} is late, sorry. Now expected back ${due}. ${organization}`
        : `${reference} is late, sorry. We will tell you the new date as soon as we know it. ${organization}`,
  },
  nl: {
    subject: ({ reference, due }) => (due ? `${reference}: nu terug verwacht ${due}` : `${reference} is vertraagd`),
    text: ({ customer, reference, promised, due, organization }) =>
      paragraphs(
        `Beste ${customer},`,
        `uw servicepartij ${reference} zou uiterlijk ${promised} terug zijn. Dat is niet gelukt. Onze excuses daarvoor.`,
        due
          ? `Wij verwachten de partij nu terug ${due}.`
          : 'Wij zoeken uit wanneer de partij terug is en laten het u weten zodra wij dat weten.',
        'Komt u hierdoor in de problemen, beantwoord dan deze e-mail.',
        organization,
      ),
    sms: ({ reference, due, organization }) =>
      due
        ? `${reference} is vertraagd, excuses. Nu terug verwacht ${due}. ${organization}`
        : `${reference} is vertraagd, excuses. De nieuwe datum volgt zodra wij die weten. ${organization}`,
  },
  de: {
    subject: ({ reference, due }) =>
      due ? `${reference}: Rückgabe jetzt erwartet ${due}` : `${reference} verspätet sich`,
    text: ({ customer, reference, promised, due, organization }) =>
      paragraphs(
        `Guten Tag ${customer},`,
        `Ihre Service-Sendung ${reference} sollte bis ${promised} zurück sein. Sie verspätet sich, das tut uns leid.`,
        due
          ? `Wir erwarten sie jetzt ${due} zurück.`
          : 'Wir klären, wann sie zurück ist, und schreiben Ihnen, sobald wir es wissen.',
        'Wenn Ihnen das Schwierigkeiten macht, antworten Sie bitte auf diese E-Mail.',
        organization,
      ),
    sms: ({ reference, due, organization }) =>
      due
        ? `${reference} verspätet sich, das tut uns leid. Jetzt erwartet: ${due}. ${organization}`
        : `${reference} verspätet sich, das tut uns leid. Der neue Termin folgt, sobald wir ihn wissen. ${organization}`,
  },
  fr: {
    subject: ({ reference, due }) =>
      due ? `${reference} : retour prévu désormais ${due}` : `${reference} a pris du retard`,
    text: ({ customer, reference, promised, due, organization }) =>
      paragraphs(
        `Bonjour ${customer},`,
        `votre lot ${reference} devait être de retour au plus tard ${promised}. Il a pris du retard, veuillez nous en excuser.`,
        due
          ? `Nous attendons désormais son retour ${due}.`
          : 'Nous cherchons à savoir quand il sera de retour et vous écrirons dès que nous le saurons.',
        'Si cela vous met en difficulté, répondez à cet e-mail.',
        organization,
      ),
    sms: ({ reference, due, organization }) =>
      due
        ? `${reference} a pris du retard, toutes nos excuses. Retour prévu désormais ${due}. ${organization}`
        : `${reference} a pris du retard, toutes nos excuses. La nouvelle date suivra dès que possible. ${organization}`,
  },
  es: {
    subject: ({ reference, due }) =>
      due ? `${reference}: devolución prevista ahora ${due}` : `${reference} lleva retraso`,
    text: ({ customer, reference, promised, due, organization }) =>
      paragraphs(
        `Estimado cliente ${customer}:`,
        `su lote ${reference} debía estar de vuelta a más tardar ${promised}. Lleva retraso y lo lamentamos.`,
        due
          ? `Ahora esperamos que esté de vuelta ${due}.`
          : 'Estamos averiguando cuándo estará de vuelta y le escribiremos en cuanto lo sepamos.',
        'Si esto le causa dificultades, responda a este correo.',
        organization,
      ),
    sms: ({ reference, due, organization }) =>
      due
        ? `${reference} lleva retraso, lo lamentamos. Devolución prevista ahora ${due}. ${organization}`
        : `${reference} lleva retraso, lo lamentamos. Le diremos la nueva fecha en cuanto la sepamos. ${organization}`,
  },
};

const paragraphs = (...texts: string[]): string => texts.join('\n\n');

/** A moment as people of a language write it, on the wall clock of a time zone, which is named. */
export function writtenDate(at: number, language: MessageLanguage, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);
}

/** The e-mail and the SMS about a late batch, to be looked at and changed before they are sent. */
export function composeMessages(
  facts: Facts,
  language: MessageLanguage,
): { subject: string; text: string; sms: string } {
  const { customer, reference, organization, timeZone, promisedAt, dueAt } = facts;
  const filled = {
    customer,
    reference,
    organization,
    promised: writtenDate(promisedAt, language, timeZone),
    due: dueAt === undefined ? undefined : writtenDate(dueAt, language, timeZone),
  };
  const { subject, text, sms } = wordings[language];
  return { subject: subject(filled).slice(0, 150), text: text(filled), sms: sms(filled).slice(0, 600) };
}
