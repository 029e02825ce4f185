import { Binary, BSONRegExp, Decimal128, ObjectId, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import { type Doc, identical, MISSING, type Missing, type Value } from '../values/index.ts';
import { doc, double, lit } from '../values/values.fixture.ts';
import { compileExpression, newScope } from './expression.ts';

const scope = () => newScope({ now: new Date(1000) });
const evaluate = (expression: unknown, document: Record<string, unknown> = {}): Value | Missing =>
  compileExpression(lit(expression), scope())(doc(document));

const decimal = (text: string) => new Decimal128(text);
const at = (text: string) => new Date(text);
const id = '0123456789abcdef01234567';
const day = at('2024-02-29T13:45:30.123Z');

type Case = [expression: unknown, wanted: unknown, document?: Record<string, unknown>];

const cases: Record<string, Case[]> = {
  'paths and variables': [
    ['$a', 1, { a: 1 }],
    ['$a.b', 2, { a: { b: 2 } }],
    ['$a.b', [1, 2], { a: [{ b: 1 }, 5, { c: 1 }, { b: 2 }] }],
    ['$a.0', [], { a: [1] }],
    ['$a', MISSING],
    ['$$ROOT.a', 1, { a: 1 }],
    ['$$CURRENT.a', 1, { a: 1 }],
    ['$$NOW', new Date(1000)],
    ['$$REMOVE', MISSING],
    [{ x: '$a', y: '$b' }, { x: 1 }, { a: 1 }],
    [['$a', '$b'], [1, null], { a: 1 }],
    [{ $literal: '$a' }, '$a'],
    [{ $let: { vars: { x: '$a', y: 2 }, in: { $add: ['$$x', '$$y'] } } }, 3, { a: 1 }],
    [{ $let: { vars: { CURRENT: '$a' }, in: '$b' } }, 7, { a: { b: 7 } }],
  ],
  arithmetic: [
    [{ $add: [1, 2] }, 3],
    [{ $add: [2147483647, 1] }, 2147483648n],
    [{ $add: [9223372036854775807n, 1] }, double(2 ** 63)],
    [{ $add: [1, 0.5] }, 1.5],
    [{ $add: [decimal('0.1'), decimal('0.2')] }, decimal('0.3')],
    [{ $add: [at('2024-01-01T00:00:00Z'), 1000] }, at('2024-01-01T00:00:01Z')],
    [{ $add: [1, null] }, null],
    [{ $add: ['$nope', 1] }, null],
    [{ $subtract: [at('2024-01-01T00:00:01Z'), at('2024-01-01T00:00:00Z')] }, 1000n],
    [{ $subtract: [1, 2] }, -1],
    [{ $multiply: [3, 4n] }, 12n],
    [{ $multiply: [65536, 65536] }, 4294967296n],
    [{ $divide: [6, 3] }, double(2)],
    [{ $divide: [decimal('1'), 8] }, decimal('0.125')],
    [{ $divide: [decimal('1'), 3] }, decimal('0.3333333333333333333333333333333333')],
    [{ $mod: [-7, 3] }, -1],
    [{ $mod: [7.5, 2] }, 1.5],
    [{ $mod: [8, double(3)] }, 2],
    [{ $mod: [8n, double(3)] }, 2n],
    [{ $mod: [8, 3n] }, 2n],
    [{ $mod: [500000000000n, double(450000000000)] }, double(50000000000)],
    [{ $mod: [10, Infinity] }, double(10)],
    [{ $trunc: [decimal('1.298'), 100] }, decimal('1.298000000000000000000000000000000')],
    [{ $round: [decimal('1.298912343250054252245154325'), 20n] }, decimal('1.29891234325005425225')],
    [{ $round: [decimal('23.298'), -1] }, decimal('2E+1')],
    [{ $round: [2147483647, -1] }, 2147483650n],
    [{ $trunc: [1.298, 100] }, 1.298],
    [{ $abs: -3 }, 3],
    [{ $abs: -2147483648n }, 2147483648n],
    [{ $ceil: 1.2 }, double(2)],
    [{ $floor: -1.2 }, double(-2)],
    [{ $floor: decimal('-1.2') }, decimal('-2')],
    [{ $round: [2.5] }, double(2)],
    [{ $round: [3.5, 0] }, double(4)],
    [{ $round: [2.675, 2] }, 2.67],
    [{ $round: [1234, -2] }, 1200],
    [{ $trunc: [-1.29, 1] }, -1.2],
    [{ $sqrt: 9 }, double(3)],
    [{ $pow: [2, 10] }, 1024],
    [{ $pow: [2, -1] }, 0.5],
    [{ $pow: [2, 62n] }, 4611686018427387904n],
    [{ $log10: 1000 }, double(3)],
    [{ $bitAnd: [12, 10] }, 8],
    [{ $bitOr: [1n, 2] }, 3n],
    [{ $bitNot: 5 }, -6],
  ],
  'comparison and logic': [
    [{ $eq: [1, double(1)] }, true],
    [{ $gt: ['a', 1] }, true],
    [{ $lt: ['$nope', null] }, true],
    [{ $cmp: [2, 1] }, 1],
    [{ $and: [1, 'x', []] }, true],
    [{ $and: [] }, true],
    [{ $or: [0, null, '$nope', decimal('0')] }, false],
    [{ $not: [0] }, true],
    [{ $cond: [true, 1, 2] }, 1],
    [{ $cond: { if: 0, then: 1, else: 2 } }, 2],
    [{ $ifNull: ['$a', null, 3] }, 3],
    [{ $ifNull: ['$a', 3] }, 0, { a: 0 }],
    [
      {
        $switch: {
          branches: [
            { case: false, then: 1 },
            { case: true, then: 2 },
          ],
          default: 3,
        },
      },
      2,
    ],
  ],
  text: [
    [{ $concat: ['a', 'b'] }, 'ab'],
    [{ $concat: ['a', null] }, null],
    [{ $toUpper: 'aé1' }, 'Aé1'],
    [{ $toLower: null }, ''],
    [{ $substrCP: ['😀bc', 1, 1] }, 'b'],
    [{ $substrBytes: ['éa', 2, 1] }, 'a'],
    [{ $strLenCP: '😀a' }, 2],
    [{ $strLenBytes: 'é' }, 2],
    [{ $strcasecmp: ['a', 'B'] }, -1],
    [{ $split: ['a-b-', '-'] }, ['a', 'b', '']],
    [{ $trim: { input: '  a ' } }, 'a'],
    [{ $ltrim: { input: 'xxa', chars: 'x' } }, 'a'],
    [{ $indexOfCP: ['😀bc', 'c'] }, 2],
    [{ $indexOfBytes: ['ébc', 'c'] }, 3],
    [{ $indexOfCP: ['abc', 'z'] }, -1],
    [{ $replaceAll: { input: 'a.b.c', find: '.', replacement: { $literal: '$&' } } }, 'a$&b$&c'],
    [{ $replaceOne: { input: 'aa', find: 'a', replacement: 'b' } }, 'ba'],
    [{ $regexMatch: { input: 'ABC', regex: 'b', options: 'i' } }, true],
    [
      { $regexFind: { input: 'x12y', regex: new BSONRegExp('(\\d)(\\d)') } },
      { match: '12', idx: 1, captures: ['1', '2'] },
    ],
    [
      { $regexFindAll: { input: 'a1b2', regex: '[0-9]' } },
      [
        { match: '1', idx: 1, captures: [] },
        { match: '2', idx: 3, captures: [] },
      ],
    ],
  ],
  arrays: [
    [{ $arrayElemAt: ['$a', -1] }, 3, { a: [1, 2, 3] }],
    [{ $arrayElemAt: ['$a', 5] }, MISSING, { a: [1] }],
    [{ $first: '$a' }, 1, { a: [1, 2] }],
    [{ $last: '$a' }, 2, { a: [1, 2] }],
    [{ $concatArrays: [[1], [2]] }, [1, 2]],
    [{ $slice: [[1, 2, 3], -2] }, [2, 3]],
    [{ $slice: [[1, 2, 3], 1, 1] }, [2]],
    [{ $size: [[1, 2]] }, 2],
    [{ $isArray: [[1]] }, true],
    [{ $in: [double(1), [1, 2]] }, true],
    [{ $indexOfArray: [['a', 'b'], 'b'] }, 1],
    [{ $range: [0, 6, 2] }, [0, 2, 4]],
    [{ $range: [2, 0, -1] }, [2, 1]],
    [{ $reverseArray: [[1, 2]] }, [2, 1]],
    [{ $sortArray: { input: [3, 'a', 1], sortBy: 1 } }, [1, 3, 'a']],
    [{ $sortArray: { input: [{ x: 2 }, { x: 1 }], sortBy: { x: 1 } } }, [{ x: 1 }, { x: 2 }]],
    [{ $zip: { inputs: [[1, 2], ['a']] } }, [[1, 'a']]],
    [
      { $zip: { inputs: [[1, 2], ['a']], useLongestLength: true, defaults: [0, 'z'] } },
      [
        [1, 'a'],
        [2, 'z'],
      ],
    ],
    [{ $map: { input: [1, 2], as: 'x', in: { $multiply: ['$$x', '$f'] } } }, [10, 20], { f: 10 }],
    [{ $map: { input: null, in: '$$this' } }, null],
    [{ $filter: { input: [1, 2, 3], cond: { $gt: ['$$this', 1] }, limit: 1 } }, [2]],
    [{ $reduce: { input: [1, 2, 3], initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 6],
    [
      {
        $map: {
          input: [[1, 2], [3]],
          as: 'row',
          in: { $map: { input: '$$row', as: 'x', in: { $add: ['$$x', { $size: '$$row' }] } } },
        },
      },
      [[3, 4], [4]],
    ],
    [
      {
        $arrayToObject: [
          [
            ['a', 1],
            ['b', 2],
          ],
        ],
      },
      { a: 1, b: 2 },
    ],
    [{ $arrayToObject: { $literal: [{ k: 'a', v: 1 }] } }, { a: 1 }],
    [{ $objectToArray: { a: 1 } }, [{ k: 'a', v: 1 }]],
    [
      {
        $setUnion: [
          [2, 1],
          [double(1), 3],
        ],
      },
      [1, 2, 3],
    ],
    [
      {
        $setIntersection: [
          [1, 2, 2],
          [2, 3],
        ],
      },
      [2],
    ],
    [{ $setDifference: [[1, 2], [2]] }, [1]],
    [{ $setIsSubset: [[1], [1, 2]] }, true],
    [
      {
        $setEquals: [
          [1, 2],
          [2, 1, 1],
        ],
      },
      true,
    ],
    [{ $allElementsTrue: [[1, true]] }, true],
    [{ $anyElementTrue: [[0, false]] }, false],
    [{ $sum: '$a' }, 6, { a: [1, 2, 'x', 3] }],
    [{ $avg: [1, 2] }, 1.5],
    [{ $max: ['$a', 5] }, 5, { a: 1 }],
    [{ $min: '$a' }, 1, { a: [3, 1] }],
    [{ $firstN: { n: 2, input: [1, 2, 3] } }, [1, 2]],
    [{ $maxN: { n: 2, input: [1, 3, 2] } }, [3, 2]],
  ],
  objects: [
    [{ $mergeObjects: ['$a', { x: 2 }, null] }, { y: 1, x: 2 }, { a: { y: 1 } }],
    [{ $mergeObjects: '$a' }, { x: 1, y: 2 }, { a: [{ x: 1 }, { y: 2 }] }],
    [{ $getField: 'a.b' }, 1, { 'a.b': 1 }],
    [{ $getField: { field: 'x', input: '$a' } }, 1, { a: { x: 1 } }],
    [{ $setField: { field: 'a.b', input: '$$ROOT', value: 2 } }, { 'a.b': 2 }],
    [{ $unsetField: { field: 'a', input: '$$ROOT' } }, { b: 1 }, { a: 1, b: 1 }],
    [{ $type: '$a' }, 'missing'],
    [{ $type: 1 }, 'int'],
    [{ $isNumber: 1 }, true],
    [{ $bsonSize: '$$ROOT' }, 12, { a: 1 }],
    [{ $binarySize: 'é' }, 2],
  ],
  dates: [
    [{ $year: day }, 2024],
    [{ $month: { date: day, timezone: 'Asia/Tokyo' } }, 2],
    [{ $dayOfMonth: { date: day, timezone: '+14:00' } }, 1],
    [{ $dayOfWeek: day }, 5],
    [{ $dayOfYear: day }, 60],
    [{ $week: at('2024-01-06T00:00:00Z') }, 0],
    [{ $isoWeek: at('2021-01-03T00:00:00Z') }, 53],
    [{ $isoWeekYear: at('2021-01-03T00:00:00Z') }, 2020n],
    [{ $hour: { date: day, timezone: 'America/New_York' } }, 8],
    [{ $year: new ObjectId('65e0000000000000000000aa') }, 2024],
    [{ $dateToString: { date: day } }, '2024-02-29T13:45:30.123Z'],
    [
      { $dateToString: { date: day, format: '%d.%m.%Y %H:%M %j %u %V %z', timezone: 'Europe/Berlin' } },
      '29.02.2024 14:45 060 4 09 +0100',
    ],
    [{ $dateToString: { date: null, onNull: 'none' } }, 'none'],
    [{ $dateFromString: { dateString: '2024-02-29' } }, at('2024-02-29T00:00:00Z')],
    [{ $dateFromString: { dateString: '2024-07-01T10:00:00', timezone: 'Europe/Berlin' } }, at('2024-07-01T08:00:00Z')],
    [{ $dateFromString: { dateString: '29/02/2024 10', format: '%d/%m/%Y %H' } }, at('2024-02-29T10:00:00Z')],
    [
      { $dateFromString: { dateString: '2017-07-04T11:56:02.81Z', format: '%Y-%m-%dT%H:%M:%S.%LZ' } },
      at('2017-07-04T11:56:02.810Z'),
    ],
    [{ $dateFromString: { dateString: '2017-07-04T11:56.02.8', timezone: '+01:00' } }, at('2017-07-04T10:56:02.800Z')],
    [{ $dateFromString: { dateString: '2017-07-14T12:02:44.771 GMT+02' } }, at('2017-07-14T10:02:44.771Z')],
    [{ $dateFromString: { dateString: '2017-07-14T12:02:44.771 PDT' } }, at('2017-07-14T19:02:44.771Z')],
    [{ $dateFromString: { dateString: '2017-07-14T12:02:44.771 L' } }, at('2017-07-14T01:02:44.771Z')],
    [{ $dateFromString: { dateString: '2017-07-14T12:02:44.771 P' } }, at('2017-07-14T15:02:44.771Z')],
    [
      { $dateFromString: { dateString: '2017-07-14T12:02:44.771 CEST', format: '%Y-%m-%dT%H:%M:%S.%L%z' } },
      at('2017-07-14T10:02:44.771Z'),
    ],
    [{ $dateFromString: { dateString: 'nonsense', onError: 'bad' } }, 'bad'],
    [
      { $dateToParts: { date: day } },
      { year: 2024, month: 2, day: 29, hour: 13, minute: 45, second: 30, millisecond: 123 },
    ],
    [{ $dateFromParts: { year: 2024, month: 14, day: 1 } }, at('2025-02-01T00:00:00Z')],
    [{ $dateFromParts: { isoWeekYear: 2021, isoWeek: 1, isoDayOfWeek: 1 } }, at('2021-01-04T00:00:00Z')],
    [{ $dateAdd: { startDate: at('2024-01-31T00:00:00Z'), unit: 'month', amount: 1 } }, at('2024-02-29T00:00:00Z')],
    [
      { $dateAdd: { startDate: at('2024-03-30T12:00:00Z'), unit: 'day', amount: 1, timezone: 'Europe/Berlin' } },
      at('2024-03-31T11:00:00Z'),
    ],
    [{ $dateSubtract: { startDate: day, unit: 'hour', amount: 2 } }, at('2024-02-29T11:45:30.123Z')],
    [{ $dateDiff: { startDate: at('2023-12-31T23:59:59Z'), endDate: at('2024-01-01T00:00:00Z'), unit: 'year' } }, 1n],
    [
      {
        $dateDiff: {
          startDate: at('2024-01-05T00:00:00Z'),
          endDate: at('2024-01-08T00:00:00Z'),
          unit: 'week',
          startOfWeek: 'monday',
        },
      },
      1n,
    ],
    [{ $dateDiff: { startDate: at('2024-01-01T00:59:00Z'), endDate: at('2024-01-01T01:00:00Z'), unit: 'hour' } }, 1n],
    [{ $dateTrunc: { date: day, unit: 'hour' } }, at('2024-02-29T13:00:00Z')],
    [{ $dateTrunc: { date: day, unit: 'day', timezone: 'America/New_York' } }, at('2024-02-29T05:00:00Z')],
    [{ $dateTrunc: { date: day, unit: 'week', startOfWeek: 'monday' } }, at('2024-02-26T00:00:00Z')],
    [{ $dateTrunc: { date: day, unit: 'quarter' } }, at('2024-01-01T00:00:00Z')],
    [{ $dateTrunc: { date: day, unit: 'minute', binSize: 15 } }, at('2024-02-29T13:45:00Z')],
    [
      {
        $dateTrunc: {
          date: at('2000-01-30T18:00:00Z'),
          unit: 'week',
          binSize: 2,
          timezone: 'America/New_York',
          startOfWeek: 'mon',
        },
      },
      at('2000-01-17T05:00:00Z'),
    ],
    [
      { $dateTrunc: { date: at('2021-12-01T18:23:36Z'), unit: 'hour', binSize: 4, timezone: 'America/New_York' } },
      at('2021-12-01T17:00:00Z'),
    ],
    [{ $dateTrunc: { date: null, unit: 'H', binSize: 'x', timezone: 1 } }, null],
    [{ $dateTrunc: { date: day, unit: 'week', startOfWeek: null } }, null],
    [{ $dateTrunc: { date: day, unit: 'year', startOfWeek: 1 } }, at('2024-01-01T00:00:00Z')],
    [
      {
        $dateDiff: {
          startDate: at('2021-01-17T05:00:00Z'),
          endDate: at('2021-01-17T04:59:00Z'),
          unit: 'week',
          timezone: 'America/New_York',
        },
      },
      -1n,
    ],
    [
      { $dateAdd: { startDate: at('2021-01-30T23:30:00Z'), unit: 'month', amount: 1, timezone: 'Europe/Paris' } },
      at('2021-02-27T23:30:00Z'),
    ],
    [
      { $dateAdd: { startDate: at('2020-10-24T18:10:00Z'), unit: 'day', amount: 1, timezone: 'Europe/Paris' } },
      at('2020-10-25T19:10:00Z'),
    ],
    [
      {
        $dateSubtract: {
          startDate: at('2021-01-31T03:00:00Z'),
          unit: 'month',
          amount: 2,
          timezone: 'America/New_York',
        },
      },
      at('2020-12-01T03:00:00Z'),
    ],
    [{ $tsSecond: new Timestamp({ t: 5, i: 6 }) }, 5n],
  ],
  conversions: [
    [{ $toInt: '12' }, 12],
    [{ $toInt: 1.9 }, 1],
    [{ $toLong: at('1970-01-01T00:00:01Z') }, 1000n],
    [{ $toDouble: '1e3' }, double(1000)],
    [{ $toDecimal: '1.10' }, decimal('1.10')],
    [{ $toDecimal: 0.5 }, decimal('0.500000000000000')],
    [{ $toBool: 'false' }, true],
    [{ $toBool: double(0) }, false],
    [{ $toString: double(1) }, '1'],
    [{ $toString: at('2024-01-01T00:00:00Z') }, '2024-01-01T00:00:00.000Z'],
    [{ $toString: new ObjectId(id) }, id],
    [{ $toObjectId: id }, new ObjectId(id)],
    [{ $toDate: '2024-01-01T00:00:00Z' }, at('2024-01-01T00:00:00Z')],
    [{ $toDate: new ObjectId('00000001aaaaaaaaaaaaaaaa') }, at('1970-01-01T00:00:01Z')],
    [{ $toInt: null }, null],
    [{ $convert: { input: 'x', to: 'int', onError: -1 } }, -1],
    [{ $convert: { input: null, to: 'int', onNull: 0 } }, 0],
    [{ $convert: { input: 3n, to: 16 } }, 3],
    [
      { $toUUID: '01234567-89ab-cdef-0123-456789abcdef' },
      new Binary(Buffer.from('0123456789abcdef0123456789abcdef', 'hex'), 4),
    ],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    test.each(list.map(([expression, wanted, document], index) => ({ index, expression, wanted, document })))(
      '$index $expression',
      ({ expression, wanted, document }) => {
        const actual = evaluate(expression, document);
        if (wanted === MISSING) return expect(actual).toBe(MISSING);
        const value = lit(wanted);
        if (actual === MISSING || !identical(actual, value)) expect(actual).toEqual(value);
        expect(identical(actual as Value, value)).toBe(true);
      },
    );
  });
}

test.each<[unknown, number, Record<string, unknown>?]>([
  [{ $nope: 1 }, 168],
  [{ $add: [1, 'x'] }, 14],
  [{ $subtract: [1] }, 16020],
  [{ $divide: [1, 0] }, 2],
  [{ $mod: [1, 0] }, 16610],
  [{ $concat: [1] }, 16702],
  [{ $size: '$a' }, 17124],
  [{ $arrayElemAt: [1, 0] }, 28689],
  [{ $in: [1, 2] }, 40081],
  [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
  [{ $toInt: 'x' }, 241],
  [{ $toInt: 2147483648n }, 241],
  [{ $toObjectId: 'xyz' }, 241],
  [{ $toInt: { $literal: { a: 1 } } }, 241],
  [{ $year: 'x' }, 16006],
  [{ $dateToString: { date: day, timezone: 'Nowhere/City' } }, 40485],
  [{ $dateToString: { date: day, format: '%Q' } }, 18536],
  [{ $dateAdd: { startDate: day, unit: 'eon', amount: 1 } }, 9],
  [{ $dateAdd: { unit: 'second', amount: 1 } }, 5166402],
  [{ $dateAdd: { startDate: day, units: 'day', amount: 1 } }, 5166401],
  [{ $dateAdd: { startDate: 'x', unit: 'day', amount: 1 } }, 5166403],
  [{ $dateAdd: { startDate: day, unit: 1, amount: 1 } }, 5166404],
  [{ $dateAdd: { startDate: day, unit: 'day', amount: 1.5 } }, 5166405],
  [{ $dateDiff: { startDate: 'x', endDate: day, unit: 'hour' } }, 5166307],
  [{ $dateDiff: { startDate: day, endDate: day, unit: 'decade' } }, 5439014],
  [{ $dateTrunc: { unit: 'week' } }, 5439009],
  [{ $dateTrunc: { date: day } }, 5439010],
  [{ $dateTrunc: { date: day, unit: 'hour', binSize: 2.5 } }, 5439017],
  [{ $dateTrunc: { date: day, unit: 'week', startOfWeek: 'fridie' } }, 5439016],
  [{ $round: [9223372036854775806n, -1] }, 51080],
  [{ $round: [1, 101] }, 51083],
  [{ $round: [1, 1.5] }, 51082],
  [{ $getField: { field: 'a' } }, 3041703],
  [{ $firstN: { n: 1.5, input: [1] } }, 5787903],
  [{ $firstN: { n: 'x', input: [1] } }, 5787902],
  [{ $dateFromString: { dateString: '2017-07-14T12:02:44 XYZ' } }, 241],
  ['$$nope', 17276],
  ['$a.$b', 16410],
  [{ $add: [1], $subtract: [1] }, 15983],
  [{ $cond: { if: 1, then: 2 } }, 17082],
  [{ $let: { vars: { X: 1 }, in: 1 } }, 9],
  [{ $function: {} }, 238],
  [{ $regexMatch: { input: 'x', regex: '(' } }, 51091],
])('refused: %o with code %i', (expression, code, document) => {
  expect(() => evaluate(expression, document)).toThrow(expect.objectContaining({ code }));
});

test('variables of a command reach expressions', () => {
  const inner = newScope({ let: doc({ limit: { $add: [1, 1] } }) as Doc });
  expect(compileExpression(lit({ $multiply: ['$$limit', 2] }), inner)(doc({}))).toEqual(lit(4));
});
